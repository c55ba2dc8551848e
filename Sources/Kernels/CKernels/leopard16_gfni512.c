// SPDX-License-Identifier: Apache-2.0
//
// GF(2^16), 64 symbols at a time in two planes of bytes: a product is a 16 × 16 bit matrix, as
// four of 8 × 8.
#include <immintrin.h>

#define KERNEL __attribute__((target("avx512f,avx512bw,avx512vl,gfni")))
#define INLINED KERNEL __attribute__((always_inline)) static inline
#define NAMED(verb) ck_leopard16_##verb##_gfni512
#define LARGE_LAYERS 2
#define OWN_SCRATCH
#define RADIX 8
#define COLUMN 128
#include "include/ck_leopard.h"

typedef struct {
    __m512i low, high;
} value;

/// Two 64-byte pieces, each of 32 low bytes and 32 high ones, as one plane of either.
INLINED value planes(__m512i first, __m512i second) {
    return (value){
        _mm512_shuffle_i64x2(first, second, 0x44), _mm512_shuffle_i64x2(first, second, 0xEE)};
}

INLINED value load(const uint8_t *from) {
    return planes(_mm512_loadu_si512(from), _mm512_loadu_si512(from + 64));
}

INLINED void save(uint8_t *to, value from) {
    value pieces = planes(from.low, from.high);
    _mm512_storeu_si512(to, pieces.low);
    _mm512_storeu_si512(to + 64, pieces.high);
}

INLINED value load_kept(const uint8_t *from, uint8_t kept) {
    return planes(
        _mm512_maskz_loadu_epi64(kept, from), _mm512_maskz_loadu_epi64(kept, from + 64));
}

INLINED void save_lost(uint8_t *to, uint8_t kept, value from) {
    value pieces = planes(from.low, from.high);
    _mm512_mask_storeu_epi64(to, (__mmask8)~kept, pieces.low);
    _mm512_mask_storeu_epi64(to + 64, (__mmask8)~kept, pieces.high);
}

INLINED value sum(value a, value b) {
    return (value){_mm512_xor_si512(a.low, b.low), _mm512_xor_si512(a.high, b.high)};
}

INLINED __m512i mapped(__m512i plane, const uint64_t *matrix) {
    return _mm512_gf2p8affine_epi64_epi8(plane, _mm512_set1_epi64((long long)*matrix), 0);
}

INLINED value times(value a, const ck_leopard_factors *factors, size_t index) {
    const uint64_t *matrix = factors->matrices + 4 * index;
    return (value){
        _mm512_xor_si512(mapped(a.low, matrix), mapped(a.high, matrix + 1)),
        _mm512_xor_si512(mapped(a.low, matrix + 2), mapped(a.high, matrix + 3))};
}

typedef __m512i factor;

INLINED factor narrow_at(const ck_leopard_factors *factors, size_t index) {
    return _mm512_set1_epi64((long long)factors->matrices[index]);
}

INLINED value times_narrow(value a, factor by) {
    return (value){
        _mm512_gf2p8affine_epi64_epi8(a.low, by, 0),
        _mm512_gf2p8affine_epi64_epi8(a.high, by, 0)};
}

/// The high half changes the low one by one factor, and becomes its product by another.
INLINED value crossed(value a, const uint64_t *added, const uint64_t *becoming) {
    return (value){_mm512_xor_si512(a.low, mapped(a.high, added)), mapped(a.high, becoming)};
}

INLINED value load_paired(const uint8_t *from, const ck_leopard_plan *plan) {
    return crossed(load(from), plan->pairing.matrices, plan->pairing.matrices + 1);
}

INLINED void save_paired(uint8_t *to, value from, const ck_leopard_plan *plan) {
    save(to, crossed(from, plan->pairing.matrices + 2, plan->pairing.matrices + 3));
}

#include "leopard_passes.h"
