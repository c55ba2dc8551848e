// SPDX-License-Identifier: Apache-2.0
//
// GF(2^16) by bit matrices, the 32 symbols of a 64-byte piece at a time: for the last piece of
// shards that are no multiple of 128 bytes.
#include <immintrin.h>

#define KERNEL __attribute__((target("avx512f,avx512bw,avx512vl,gfni")))
#define INLINED KERNEL __attribute__((always_inline)) static inline
#define NAMED(verb) ck_leopard16_##verb##_gfni256
#define LARGE_LAYERS 2
#define OWN_SCRATCH
#define RADIX 8
#define COLUMN 64
#include "include/ck_leopard.h"

typedef struct {
    __m256i low, high;
} value;

INLINED value load(const uint8_t *from) {
    return (value){_mm256_loadu_epi64(from), _mm256_loadu_epi64(from + 32)};
}

INLINED void save(uint8_t *to, value from) {
    _mm256_storeu_epi64(to, from.low);
    _mm256_storeu_epi64(to + 32, from.high);
}

INLINED value load_kept(const uint8_t *from, uint8_t kept) {
    return (value){
        _mm256_maskz_loadu_epi64(kept, from), _mm256_maskz_loadu_epi64(kept, from + 32)};
}

INLINED void save_lost(uint8_t *to, uint8_t kept, value from) {
    _mm256_mask_storeu_epi64(to, (__mmask8)~kept, from.low);
    _mm256_mask_storeu_epi64(to + 32, (__mmask8)~kept, from.high);
}

INLINED value sum(value a, value b) {
    return (value){_mm256_xor_si256(a.low, b.low), _mm256_xor_si256(a.high, b.high)};
}

INLINED __m256i mapped(__m256i plane, const uint64_t *matrix) {
    return _mm256_gf2p8affine_epi64_epi8(plane, _mm256_set1_epi64x((long long)*matrix), 0);
}

INLINED value times(value a, const ck_leopard_factors *factors, size_t index) {
    const uint64_t *matrix = factors->matrices + 4 * index;
    return (value){
        _mm256_xor_si256(mapped(a.low, matrix), mapped(a.high, matrix + 1)),
        _mm256_xor_si256(mapped(a.low, matrix + 2), mapped(a.high, matrix + 3))};
}

typedef __m256i factor;

INLINED factor narrow_at(const ck_leopard_factors *factors, size_t index) {
    return _mm256_set1_epi64x((long long)factors->matrices[index]);
}

INLINED value times_narrow(value a, factor by) {
    return (value){
        _mm256_gf2p8affine_epi64_epi8(a.low, by, 0),
        _mm256_gf2p8affine_epi64_epi8(a.high, by, 0)};
}

/// The high half changes the low one by one factor, and becomes its product by another.
INLINED value crossed(value a, const uint64_t *added, const uint64_t *becoming) {
    return (value){_mm256_xor_si256(a.low, mapped(a.high, added)), mapped(a.high, becoming)};
}

INLINED value load_paired(const uint8_t *from, const ck_leopard_plan *plan) {
    return crossed(load(from), plan->pairing.matrices, plan->pairing.matrices + 1);
}

INLINED void save_paired(uint8_t *to, value from, const ck_leopard_plan *plan) {
    save(to, crossed(from, plan->pairing.matrices + 2, plan->pairing.matrices + 3));
}

#include "leopard_passes.h"
