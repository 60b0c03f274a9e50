// y = f(a, b) over a StridedDesc, results of float or of bytes, and where.
#include "../simd/math.h"
#include "elementwise_strided.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

namespace {

/// Rows of an operation Op::apply(VF, VF) -> VF.
template <class Op>
struct Arithmetic {
  template <Step SA, Step SB>
  struct Rows {
    static void row(const float* a, const float* b, const float*, float* y, int64_t n,
                    const int32_t* strides) {
      const int64_t sa = strides[0], sb = strides[1];
      vectorLoop<Op::unroll>(
          0, n,
          [=](int64_t i) { store(y + i, Op::apply(loadStep<SA>(a, i, sa, W), loadStep<SB>(b, i, sb, W))); },
          [=](int64_t i, int m) {
            storeN(y + i, Op::apply(loadStep<SA>(a, i, sa, m), loadStep<SB>(b, i, sb, m)), m);
          });
    }
  };
  static void run(const StridedDesc& d, const float* a, const float* b, float* y) {
    if (d.ndim == 1 && d.a[0] == 1 && d.b[0] == 1)
      return mapBinary<Op::unroll>(d.n, a + d.offsetA, b + d.offsetB, y,
                                   [](VF v, VF w) { return Op::apply(v, w); });
    walkRows<float, float, float, float>(d, Op::unroll > 1 ? lightGrain : heavyGrain, a, b, a, y,
                                         pickRow<Rows>(d));
  }
};

/// Rows of a comparison Op::apply(VF, VF) -> VM.
template <class Op>
struct Comparison {
  template <Step SA, Step SB>
  struct Rows {
    static void row(const float* a, const float* b, const float*, uint8_t* y, int64_t n,
                    const int32_t* strides) {
      const int64_t sa = strides[0], sb = strides[1];
      vectorLoop<4>(
          0, n,
          [=](int64_t i) {
            storeMask(y + i, Op::apply(loadStep<SA>(a, i, sa, W), loadStep<SB>(b, i, sb, W)));
          },
          [=](int64_t i, int m) {
            storeMaskN(y + i, Op::apply(loadStep<SA>(a, i, sa, m), loadStep<SB>(b, i, sb, m)), m);
          });
    }
  };
  static void run(const StridedDesc& d, const float* a, const float* b, uint8_t* y) {
    walkRows<float, float, float, uint8_t>(d, lightGrain, a, b, a, y, pickRow<Rows>(d));
  }
};

struct Light {
  static constexpr int unroll = 4;
};
struct Heavy {
  static constexpr int unroll = 1;
};

struct Add : Light {
  GEMMULE_INLINE VF apply(VF a, VF b) { return add(a, b); }
};
struct Sub : Light {
  GEMMULE_INLINE VF apply(VF a, VF b) { return sub(a, b); }
};
struct Mul : Light {
  GEMMULE_INLINE VF apply(VF a, VF b) { return mul(a, b); }
};
struct Div : Light {
  GEMMULE_INLINE VF apply(VF a, VF b) { return div(a, b); }
};
struct Maximum : Light {
  GEMMULE_INLINE VF apply(VF a, VF b) { return maxNaN(a, b); }
};
struct Minimum : Light {
  GEMMULE_INLINE VF apply(VF a, VF b) { return minNaN(a, b); }
};
struct TruncDivide : Light {
  GEMMULE_INLINE VF apply(VF a, VF b) { return trunc(div(a, b)); }
};
struct Fmod : Heavy {
  GEMMULE_INLINE VF apply(VF a, VF b) {
    return perLane(a, b, [](float x, float y) { return ::fmodf(x, y); });
  }
};
/// Whether a C remainder must be moved to the sign of b.
GEMMULE_INLINE VM wrongSign(VF rest, VF b) {
  return and_(ne(rest, zero()), xor_(lt(rest, zero()), lt(b, zero())));
}
struct Remainder : Heavy {
  GEMMULE_INLINE VF apply(VF a, VF b) {
    const VF rest = Fmod::apply(a, b);
    return select(wrongSign(rest, b), add(rest, b), rest);
  }
};
/// Python's floor division as PyTorch does it: exact where a / b rounds up to a whole number.
struct FloorDivide : Heavy {
  GEMMULE_INLINE VF apply(VF a, VF b) {
    const VF quotient = div(a, b), rest = Fmod::apply(a, b);
    VF whole = div(sub(a, rest), b);
    whole = select(wrongSign(rest, b), sub(whole, set1(1.0f)), whole);
    VF r = floor(whole);
    r = select(gt(sub(whole, r), set1(0.5f)), add(r, set1(1.0f)), r);
    r = select(eq(whole, zero()), copysign(zero(), quotient), r);
    return select(eq(b, zero()), quotient, r);
  }
};
struct Atan2 : Heavy {
  GEMMULE_INLINE VF apply(VF a, VF b) {
    return perLane(a, b, [](float x, float y) { return ::atan2f(x, y); });
  }
};
struct Pow : Heavy {
  GEMMULE_INLINE VF apply(VF a, VF b) {
    return perLane(a, b, [](float x, float y) { return ::powf(x, y); });
  }
};
// The powers that PyTorch computes without pow where the exponent is one number; Exponent is read no more.
struct Square : Light {
  GEMMULE_INLINE VF apply(VF a, VF) { return mul(a, a); }
};
struct Cube : Light {
  GEMMULE_INLINE VF apply(VF a, VF) { return mul(mul(a, a), a); }
};
struct Root : Light {
  GEMMULE_INLINE VF apply(VF a, VF) { return sqrt(a); }
};
struct InverseRoot : Light {
  GEMMULE_INLINE VF apply(VF a, VF) { return div(set1(1.0f), sqrt(a)); }
};
struct Inverse : Light {
  GEMMULE_INLINE VF apply(VF a, VF) { return div(set1(1.0f), a); }
};
struct InverseSquare : Light {
  GEMMULE_INLINE VF apply(VF a, VF) { return div(set1(1.0f), mul(a, a)); }
};

struct Eq {
  GEMMULE_INLINE VM apply(VF a, VF b) { return eq(a, b); }
};
struct Ne {
  GEMMULE_INLINE VM apply(VF a, VF b) { return ne(a, b); }
};
struct Lt {
  GEMMULE_INLINE VM apply(VF a, VF b) { return lt(a, b); }
};
struct Le {
  GEMMULE_INLINE VM apply(VF a, VF b) { return le(a, b); }
};
struct Gt {
  GEMMULE_INLINE VM apply(VF a, VF b) { return gt(a, b); }
};
struct Ge {
  GEMMULE_INLINE VM apply(VF a, VF b) { return ge(a, b); }
};

/// Operand b is one number for all elements.
bool isScalarB(const StridedDesc& d) {
  for (int axis = 0; axis < d.ndim; axis++)
    if (d.b[axis] != 0 && d.size[axis] != 1) return false;
  return d.n > 0;
}

template <bool Contiguous>
void whereRow(const uint8_t* m, const float* a, const float* b, float* y, int64_t n, const int32_t* strides) {
  if (!Contiguous) {
    for (int64_t i = 0; i < n; i++) y[i] = m[i * strides[0]] ? a[i * strides[1]] : b[i * strides[2]];
    return;
  }
  const int64_t sa = strides[1], sb = strides[2];
  const VF fixedA = set1(*a), fixedB = set1(*b);
  vectorLoop<2>(
      0, n,
      [=](int64_t i) {
        store(y + i, select(loadMask(m + i), sa ? load(a + i) : fixedA, sb ? load(b + i) : fixedB));
      },
      [=](int64_t i, int k) {
        storeN(y + i,
               select(loadMaskN(m + i, k), sa ? loadN(a + i, k) : fixedA, sb ? loadN(b + i, k) : fixedB), k);
      });
}

}  // namespace

void add(const StridedDesc& d, In<float> a, In<float> b, Out<float> y) { Arithmetic<Add>::run(d, a, b, y); }
void sub(const StridedDesc& d, In<float> a, In<float> b, Out<float> y) { Arithmetic<Sub>::run(d, a, b, y); }
void mul(const StridedDesc& d, In<float> a, In<float> b, Out<float> y) { Arithmetic<Mul>::run(d, a, b, y); }
void div(const StridedDesc& d, In<float> a, In<float> b, Out<float> y) { Arithmetic<Div>::run(d, a, b, y); }
void maximum(const StridedDesc& d, In<float> a, In<float> b, Out<float> y) {
  Arithmetic<Maximum>::run(d, a, b, y);
}
void minimum(const StridedDesc& d, In<float> a, In<float> b, Out<float> y) {
  Arithmetic<Minimum>::run(d, a, b, y);
}
void fmod(const StridedDesc& d, In<float> a, In<float> b, Out<float> y) { Arithmetic<Fmod>::run(d, a, b, y); }
void atan2(const StridedDesc& d, In<float> a, In<float> b, Out<float> y) {
  Arithmetic<Atan2>::run(d, a, b, y);
}
void remainder(const StridedDesc& d, In<float> a, In<float> b, Out<float> y) {
  Arithmetic<Remainder>::run(d, a, b, y);
}
void floorDivide(const StridedDesc& d, In<float> a, In<float> b, Out<float> y) {
  Arithmetic<FloorDivide>::run(d, a, b, y);
}
void truncDivide(const StridedDesc& d, In<float> a, In<float> b, Out<float> y) {
  Arithmetic<TruncDivide>::run(d, a, b, y);
}
void pow(const StridedDesc& d, In<float> a, In<float> b, Out<float> y) {
  const float exponent = isScalarB(d) ? b.data[d.offsetB] : 0.0f;
  if (exponent == 2.0f) return Arithmetic<Square>::run(d, a, b, y);
  if (exponent == 3.0f) return Arithmetic<Cube>::run(d, a, b, y);
  if (exponent == 0.5f) return Arithmetic<Root>::run(d, a, b, y);
  if (exponent == -0.5f) return Arithmetic<InverseRoot>::run(d, a, b, y);
  if (exponent == -1.0f) return Arithmetic<Inverse>::run(d, a, b, y);
  if (exponent == -2.0f) return Arithmetic<InverseSquare>::run(d, a, b, y);
  Arithmetic<Pow>::run(d, a, b, y);
}

void eq(const StridedDesc& d, In<float> a, In<float> b, Out<uint8_t> y) { Comparison<Eq>::run(d, a, b, y); }
void ne(const StridedDesc& d, In<float> a, In<float> b, Out<uint8_t> y) { Comparison<Ne>::run(d, a, b, y); }
void lt(const StridedDesc& d, In<float> a, In<float> b, Out<uint8_t> y) { Comparison<Lt>::run(d, a, b, y); }
void le(const StridedDesc& d, In<float> a, In<float> b, Out<uint8_t> y) { Comparison<Le>::run(d, a, b, y); }
void gt(const StridedDesc& d, In<float> a, In<float> b, Out<uint8_t> y) { Comparison<Gt>::run(d, a, b, y); }
void ge(const StridedDesc& d, In<float> a, In<float> b, Out<uint8_t> y) { Comparison<Ge>::run(d, a, b, y); }

void where(const StridedDesc& d, In<uint8_t> condition, In<float> a, In<float> b, Out<float> y) {
  const int last = d.ndim - 1;
  const bool simple = last < 0 || (d.a[last] == 1 && (uint32_t)d.b[last] <= 1 && (uint32_t)d.c[last] <= 1);
  walkRows<uint8_t, float, float, float>(d, lightGrain, condition, a, b, y,
                                         simple ? &whereRow<true> : &whereRow<false>);
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
