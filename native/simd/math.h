// Elementary functions over vec.h, written once for every instruction set. Errors stay below 2 ulp over the
// whole range (test/native/math.test.cc sweeps it), specials and denormals as in C. The polynomials are
// minimax fits made for these intervals; constants with few bits (ln2Hi, the parts of pi/2) make their
// products exact where there is no fma.
#pragma once
#include <math.h>

#include "vec.h"

namespace gemmule {
namespace GEMMULE_ISA {

GEMMULE_INLINE VF infinity() { return asFloat(set1I(0x7f800000)); }
GEMMULE_INLINE VF quietNaN() { return asFloat(set1I(0x7fc00000)); }

/// c[0] + c[1] x + … by Horner's rule.
template <int N>
GEMMULE_INLINE VF polynomial(VF x, const float (&c)[N]) {
  VF r = set1(c[N - 1]);
  for (int i = N - 2; i >= 0; i--) r = fma(r, x, set1(c[i]));
  return r;
}

/// f lane by lane, for functions that have no vector form.
template <class F>
GEMMULE_INLINE VF perLane(VF a, F f) {
  float x[W];
  store(x, a);
  for (int i = 0; i < W; i++) x[i] = f(x[i]);
  return load(x);
}
template <class F>
GEMMULE_INLINE VF perLane(VF a, VF b, F f) {
  float x[W], y[W];
  store(x, a);
  store(y, b);
  for (int i = 0; i < W; i++) x[i] = f(x[i], y[i]);
  return load(x);
}

// -- exponentials

/// 2^n for n in [-126, 127].
GEMMULE_INLINE VF power2(VI n) { return asFloat(shl<23>(add(n, set1I(127)))); }

/// Added to a small number, it leaves the nearest whole n in the low bits of the sum, twice the bias of an
/// exponent more: either half of those bits, shifted up, is a power of two.
constexpr float wholeOrigin = 12582912.0f + 2 * 127;

/// a * 2^n for a in [1/2, 2], n in [-252, 252] and sum = wholeOrigin + n; rounded once, at the end.
GEMMULE_INLINE VF scale2(VF a, VF sum, VF n) {
#if GEMMULE_SET == GEMMULE_ISA_avx512 && !defined(GEMMULE_LANES)
  (void)sum;
  return {_mm512_scalef_ps(a.v, n.v)};
#else
  (void)n;
  const VI whole = asInt(sum), half = sar<1>(whole);
  return mul(mul(a, asFloat(shl<23>(half))), asFloat(shl<23>(sub(whole, half))));
#endif
}

constexpr float log2E = 1.44269504f;
constexpr float ln2Hi = 0.693359375f, ln2Lo = -2.12194440e-4f;

/// x = n ln2 + r with |r| <= ln2 / 2 and a little, sum = wholeOrigin + n; returns exp(r) - 1.
GEMMULE_INLINE VF expReduced(VF x, VF& sum, VF& n) {
  sum = fma(x, set1(log2E), set1(wholeOrigin));
  n = sub(sum, set1(wholeOrigin));
  const VF r = fnma(n, set1(ln2Lo), fnma(n, set1(ln2Hi), x));
  const VF q = polynomial(r, {0.5f, 0.166665375f, 0.041666612f, 0.00836730096f, 0.0013917546f});
  return fma(mul(r, r), q, r);
}

// Beyond these exp is 0 or infinite, and so it is with shifts of up to 2.
constexpr float expLeast = -106.0f, expMost = 92.0f;

/// exp(x) * 2^shift for x in [expLeast, expMost] or NaN and |shift| <= 2.
GEMMULE_INLINE VF expWithin(VF x, int shift = 0) {
  VF sum, n;
  const VF p = add(set1(1.0f), expReduced(x, sum, n));
  const VF more = set1((float)shift);
  return shift ? scale2(p, add(sum, more), add(n, more)) : scale2(p, sum, n);
}

constexpr float expNear = 87.0f;
#if GEMMULE_SET == GEMMULE_ISA_avx2 && !defined(GEMMULE_LANES)
constexpr bool hasExpTable = true;
/// exp(x) for |x| <= expNear, NaN for NaN, anything beyond. x = n ln2 + r with n a multiple of 1/8 and
/// |r| <= ln2 / 16 and a little, so that few terms will do. The origin leaves 8 n in the low bits of the sum,
/// and three of them choose the power of two: the table holds its bits less what the shift adds to them, and
/// what it lost by rounding.
GEMMULE_INLINE VF expNearZero(VF x) {
  const VI powers = {_mm256_setr_epi32(0x3f800000, 0x3f7b95c2, 0x3f7837f0, 0x3f75fed7, 0x3f7504f3, 0x3f75672a,
                                       0x3f7744fd, 0x3f7ac0c7)};
  const VF lost = {_mm256_setr_ps(0, -1.19921566e-8f, 3.19341815e-8f, -3.09907193e-8f, 1.71142709e-8f,
                                  5.23333421e-9f, -1.47196051e-8f, -6.12825968e-9f)};
  const VF origin = set1(1572864.0f), sum = fma(x, set1(log2E), origin), n = sub(sum, origin);
  const VF r = fnma(n, set1(-1.90465421e-9f), fnma(n, set1(0.693147182f), x));
  const VI chosen = {_mm256_permutevar8x32_epi32(powers.v, asInt(sum).v)};
  const VF power = asFloat(add(chosen, shl<20>(asInt(sum))));
  const VF q = polynomial(r, {0.5f, 0.16668028f, 0.0416692759f});
  const VF low = {_mm256_permutevar8x32_ps(lost.v, asInt(sum).v)};
  return fma(power, fma(mul(r, r), q, add(r, low)), power);
}
#else
constexpr bool hasExpTable = false;
GEMMULE_INLINE VF expNearZero(VF x) { return expWithin(x); }
#endif

// What a lane gives depends on its x alone, not on the way that its neighbours take.
GEMMULE_INLINE VF exp(VF x) {
  const VM near = le(abs(x), set1(expNear));
  if (hasExpTable && all(near)) return expNearZero(x);
  const VF any = expWithin(min(set1(expMost), max(set1(expLeast), x)));
  return hasExpTable ? select(near, expNearZero(x), any) : any;
}
/// exp(x) for x <= 0, and exp(x) * 2^shift for x >= 0.
GEMMULE_INLINE VF expOfNegative(VF x) {
  if (!hasExpTable) return expWithin(max(set1(expLeast), x));
  const VM near = ge(x, set1(-expNear));
  if (all(near)) return expNearZero(x);
  const VF r = select(near, expNearZero(x), zero());
  // Masked by -inf or a large number: denormals in between are few, and cost dearly.
  if (all(or_(near, lt(x, set1(-104.0f))))) return r;
  return select(near, r, expWithin(max(set1(expLeast), x)));
}
GEMMULE_INLINE VF expOfPositive(VF x, int shift) { return expWithin(min(set1(expMost), x), shift); }

GEMMULE_INLINE VF expm1(VF x) {
  VF sum, n;
  const VF p = expReduced(min(set1(92.0f), max(set1(-20.0f), x)), sum, n);
  // Half of the result, so that n = 128 does not overflow too early.
  const VF s = power2(sub(min(toInt(n), set1I(128)), set1I(1)));
  const VF h = fma(s, p, sub(s, set1(0.5f)));
  const VF r = select(gt(x, set1(89.0f)), infinity(), add(h, h));
  return select(lt(abs(x), set1(1e-8f)), x, r);
}

GEMMULE_INLINE VF sigmoid(VF x) {
  const VF e = expOfNegative(neg(abs(x)));
  const VF numerator = select(lt(x, zero()), e, set1(1.0f));
  return div(numerator, add(set1(1.0f), e));
}

GEMMULE_INLINE VF tanh(VF x) {
  const VF a = abs(x), z = mul(a, a);
  const VF t = polynomial(z, {-0.333332837f, 0.133314833f, -0.0537427738f, 0.0206480622f, -0.00571406353f});
  const VF small = fma(mul(a, z), t, a);
  const VF e = expNearZero(min(set1(20.0f), add(a, a)));
  const VF large = sub(set1(1.0f), div(set1(2.0f), add(e, set1(1.0f))));
  return copysign(select(lt(a, set1(0.625f)), small, large), x);
}

GEMMULE_INLINE VF sinh(VF x) {
  const VF a = abs(x), z = mul(a, a);
  const VF t = polynomial(z, {0.166666672f, 0.00833331142f, 0.000198426336f, 2.78394373e-06f});
  const VF small = fma(mul(a, z), t, a);
  const VF half = expOfPositive(a, -1);
  const VF large = sub(half, div(set1(0.25f), half));
  return copysign(select(lt(a, set1(1.0f)), small, large), x);
}

GEMMULE_INLINE VF cosh(VF x) {
  const VF half = expOfPositive(abs(x), -1);
  return add(half, div(set1(0.25f), half));
}

/// 1 - exp(-(t + t G(t))) where |x| is large enough for that to lose nothing, x + x S(x²) below.
GEMMULE_INLINE VF erf(VF x) {
  const VF a = abs(x), z = mul(a, a), t = min(set1(3.95f), a);
  const VF s = polynomial(z, {0.128379166f, -0.376126289f, 0.112836242f, -0.0268555954f, 0.00519199343f,
                              -0.000804470503f, 7.9748359e-05f});
  const VF g = polynomial(t, {0.12865217f, 0.635135889f, 0.106263176f, -0.0237853695f, 0.0036537752f,
                              -0.000325656089f, 1.15227485e-05f});
  const VF large = sub(set1(1.0f), expOfNegative(neg(fma(t, g, t))));
  return copysign(select(lt(a, set1(0.9375f)), fma(a, s, a), large), x);
}

// -- logarithms

/// A positive, normal x = m 2^e with m in [2/3, 4/3); returns m.
GEMMULE_INLINE VF splitExponent(VF x, VI& e) {
  const VI origin = set1I(0x3f2aaaab), i = sub(asInt(x), origin);
  e = sar<23>(i);
  return asFloat(add(and_(i, set1I(0x007fffff)), origin));
}
/// The same for denormals too.
GEMMULE_INLINE VF splitAnyExponent(VF x, VF& e) {
  const VM tiny = lt(x, set1(1.17549435e-38f));
  VI n;
  const VF m = splitExponent(select(tiny, mul(x, set1(33554432.0f)), x), n);
  e = toFloat(sub(n, select(tiny, set1I(25), zeroI())));
  return m;
}

/// log(1 + f) - f for f in [-1/3, 1/3].
GEMMULE_INLINE VF logRest(VF f) {
  const VF p = polynomial(f, {0.333333373f, -0.249998063f, 0.199994817f, -0.166803151f, 0.143068969f,
                              -0.121843554f, 0.107359476f, -0.128992513f, 0.120464779f});
  return mul(mul(f, f), fma(f, p, set1(-0.5f)));
}

/// What a logarithm gives where its argument u is not a positive number: -inf at 0, NaN below, u itself at
/// inf and NaN.
GEMMULE_INLINE VF logSpecial(VF u, VF r) {
  r = select(lt(u, infinity()), r, u);
  r = select(eq(u, zero()), neg(infinity()), r);
  return select(lt(u, zero()), quietNaN(), r);
}

GEMMULE_INLINE VF log(VF x) {
  VF e;
  const VF f = sub(splitAnyExponent(x, e), set1(1.0f));
  const VF low = fma(e, set1(ln2Lo), logRest(f));
  return logSpecial(x, fma(e, set1(ln2Hi), add(f, low)));
}

GEMMULE_INLINE VF log2(VF x) {
  VF e;
  const VF f = sub(splitAnyExponent(x, e), set1(1.0f));
  const VF low = fma(f, set1(log2E - 1.0f), mul(logRest(f), set1(log2E)));
  return logSpecial(x, add(e, add(f, low)));
}

GEMMULE_INLINE VF log10(VF x) {
  VF e;
  const VF f = sub(splitAnyExponent(x, e), set1(1.0f));
  const float hi = 0.43359375f, lo = 7.00731903e-4f;  // of log10(e)
  const VF rest = fma(logRest(f), set1(0.434294482f), mul(f, set1(lo)));
  const VF low = fma(e, set1(4.60503898e-6f), rest);
  return logSpecial(x, fma(e, set1(0.301025390625f), fma(f, set1(hi), low)));
}

GEMMULE_INLINE VF log1p(VF x) {
  const VF one = set1(1.0f), u = add(one, x), back = sub(u, one);
  const VF lost = add(sub(one, sub(u, back)), sub(x, back));  // 1 + x - u, exactly
  VI n;
  const VF m = splitExponent(u, n), e = toFloat(n);
  const VF f = fma(lost, power2(max(sub(zeroI(), n), set1I(-126))), sub(m, one));
  const VF low = fma(e, set1(ln2Lo), logRest(f));
  const VF r = logSpecial(u, fma(e, set1(ln2Hi), add(f, low)));
  return select(lt(abs(x), set1(1e-8f)), x, r);
}

// -- trigonometry

/// The part r + low of x that is left after n quarter turns, for |x| <= reduceLimit.
constexpr float reduceLimit = 12000.0f;
GEMMULE_INLINE VF reduceQuarterTurns(VF x, VI& n, VF& low) {
  const VF k = roundEven(mul(x, set1(0.636619772f)));
  n = toInt(k);
  const VF near = fnma(k, set1(4.83751297e-4f), fnma(k, set1(1.5703125f), x));  // exact
  const VF part = mul(k, set1(7.54953362e-8f));                                 // exact
  const VF r = sub(near, part);
  low = fnma(k, set1(2.56334415e-12f), sub(sub(near, r), part));
  return r;
}

/// sin(x + quarters * pi / 2) within reduceLimit.
GEMMULE_INLINE VF sinReduced(VF x, int quarters) {
  VI n;
  VF low;
  const VF r = reduceQuarterTurns(x, n, low), z = mul(r, r);
  n = add(n, set1I(quarters));
  const VF s3 = polynomial(z, {-0.166666552f, 0.00833218824f, -0.00019518008f});
  const VF s = add(r, fma(mul(r, z), s3, low));
  const VF c4 = polynomial(z, {0.0416666456f, -0.00138873013f, 2.44306702e-05f});
  const VF c = sub(set1(1.0f), fnma(mul(z, z), c4, fma(r, low, mul(z, set1(0.5f)))));
  const VM odd = eq(and_(n, set1I(1)), set1I(1));
  const VI sign = shl<30>(and_(n, set1I(2)));
  return asFloat(xor_(asInt(select(odd, c, s)), sign));
}

GEMMULE_INLINE VF sin(VF x) {
  const VM near = le(abs(x), set1(reduceLimit));
  const VF r = select(eq(x, zero()), x, sinReduced(select(near, x, zero()), 0));
  return all(near) ? r : select(near, r, perLane(x, [](float v) { return ::sinf(v); }));
}
GEMMULE_INLINE VF cos(VF x) {
  const VM near = le(abs(x), set1(reduceLimit));
  const VF r = sinReduced(select(near, x, zero()), 1);
  return all(near) ? r : select(near, r, perLane(x, [](float v) { return ::cosf(v); }));
}

GEMMULE_INLINE VF tan(VF x) {
  const VM near = le(abs(x), set1(reduceLimit));
  VI n;
  VF low;
  const VF r = reduceQuarterTurns(select(near, x, zero()), n, low), z = mul(r, r);
  const VF t3 = polynomial(z, {0.333333522f, 0.13332583f, 0.0540686511f, 0.021238612f, 0.0109455306f,
                               -4.61628551e-05f, 0.00444181729f});
  const VF t = add(r, fma(mul(r, z), t3, fma(z, low, low)));
  const VM odd = eq(and_(n, set1I(1)), set1I(1));
  const VF y = select(eq(x, zero()), x, select(odd, div(set1(-1.0f), t), t));
  return all(near) ? y : select(near, y, perLane(x, [](float v) { return ::tanf(v); }));
}

GEMMULE_INLINE VF atan(VF x) {
  const VF a = abs(x), one = set1(1.0f);
  const VM steep = gt(a, one);
  const VF t = select(steep, div(one, a), a), z = mul(t, t);
  const VF p = fma(mul(t, z),
                   polynomial(z, {-0.333333015f, 0.199986264f, -0.142650917f, 0.109566577f, -0.084164612f,
                                  0.0581781045f, -0.0313945562f, 0.011029073f, -0.00181875599f}),
                   t);
  return copysign(select(steep, sub(set1(1.57079633f), p), p), x);
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
