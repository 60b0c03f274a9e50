// The worker protocol of bench/lib/worker.mjs in C++: lines of flat JSON in, lines of JSON out; inputs as
// bench/lib/data.mjs.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

namespace bench {

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The number behind "key": in a line of JSON; keys are unique in a request.
inline int number(const std::string& line, const char* key, int fallback = 0) {
  const std::string quoted = std::string("\"") + key + "\":";
  const size_t at = line.find(quoted);
  return at == std::string::npos ? fallback : atoi(line.c_str() + at + quoted.size());
}

inline double real(const std::string& line, const char* key) {
  const std::string quoted = std::string("\"") + key + "\":";
  return atof(line.c_str() + line.find(quoted) + quoted.size());
}

inline bool flag(const std::string& line, const char* key) {
  return line.find(std::string("\"") + key + "\":true") != std::string::npos;
}

inline std::string text(const std::string& line, const char* key) {
  const std::string quoted = std::string("\"") + key + "\":\"";
  const size_t at = line.find(quoted);
  if (at == std::string::npos) return "";
  const size_t from = at + quoted.size();
  return line.substr(from, line.find('"', from) - from);
}

inline void fill(float* data, size_t n, uint32_t salt) {
  for (size_t i = 0; i < n; i++) {
    uint32_t x = static_cast<uint32_t>(i) * 0x9e3779b1u + salt * 0x85ebca77u;
    x = (x ^ (x >> 15)) * 0x2c1b3c6du;
    x = (x ^ (x >> 12)) * 0x297a2d39u;
    data[i] = static_cast<float>((x ^ (x >> 15)) >> 8) / 16777216.0f - 0.5f;
  }
}

/// What a set-up problem gives: the call to time and where its result lies.
struct Job {
  std::function<void()> run;
  const float* result = nullptr;
  size_t size = 0;
  std::string unsupported;
};

inline std::string sampled(const Job& job) {
  std::string out = "{\"sample\":[";
  char buffer[40];
  for (uint64_t i = 0; i < 64; i++) {
    snprintf(buffer, sizeof buffer, "%s%.9g", i ? "," : "", job.result[i * 2654435761u % job.size]);
    out += buffer;
  }
  return out + "]}";
}

inline std::string timed(const Job& job, double seconds) {
  job.run();
  const double start = now();
  job.run();
  const double one = now() - start;
  const int inner = one < 20e-6 ? static_cast<int>(20e-6 / std::max(one, 1e-8)) + 1 : 1;
  std::string out = "{\"times\":[";
  double total = 0;
  char buffer[40];
  for (int count = 0; total < seconds || count < 3; count++) {
    const double before = now();
    for (int i = 0; i < inner; i++) job.run();
    const double t = now() - before;
    total += t;
    snprintf(buffer, sizeof buffer, "%s%.9g", count ? "," : "", t / inner);
    out += buffer;
  }
  return out + "]}";
}

/// Serves requests until the input ends.
inline void serve(const char* name, const std::string& version,
                  const std::function<Job(const std::string&)>& setup) {
  printf("{\"ready\":\"%s\",\"version\":\"%s\"}\n", name, version.c_str());
  fflush(stdout);
  Job job;
  for (std::string line; std::getline(std::cin, line);) {
    std::string answer;
    try {
      if (text(line, "cmd") == "setup") {
        job = setup(line);
        if (job.unsupported.empty()) {
          job.run();
          answer = sampled(job);
        } else {
          answer = "{\"unsupported\":\"" + job.unsupported + "\"}";
        }
      } else {
        answer = timed(job, real(line, "seconds"));
      }
    } catch (const std::exception& error) {
      answer = std::string("{\"unsupported\":\"") + error.what() + "\"}";
    }
    puts(answer.c_str());
    fflush(stdout);
  }
}

}  // namespace bench
