// SPDX-License-Identifier: Apache-2.0
//
// GF(2^8), 32 symbols at a time: a product is two look-ups in tables of nibbles.
#include <immintrin.h>

#define KERNEL __attribute__((target("avx2")))
#define INLINED KERNEL __attribute__((always_inline)) static inline
#define NAMED(verb) ck_leopard8_##verb##_avx2
#define LARGE_LAYERS 0
#define OWN_SCRATCH value own[256]; scratch = own;
#define RADIX 8
#define COLUMN 32
#include "include/ck_leopard.h"

typedef __m256i value;

INLINED value load(const uint8_t *from) {
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

INLINED void save(uint8_t *to, value from) { _mm256_storeu_si256((__m256i *)(void *)to, from); }

INLINED value load_kept(const uint8_t *from, uint8_t kept) {
    return kept ? load(from) : _mm256_setzero_si256();
}

INLINED void save_lost(uint8_t *to, uint8_t kept, value from) {
    if (!kept) save(to, from);
}

INLINED value sum(value a, value b) { return _mm256_xor_si256(a, b); }

typedef struct {
    __m256i low, high;
} factor;

INLINED factor narrow_at(const ck_leopard_factors *factors, size_t index) {
    const __m128i *table = (const __m128i *)(const void *)(factors->tables + 32 * index);
    return (factor){
        _mm256_broadcastsi128_si256(_mm_loadu_si128(table)),
        _mm256_broadcastsi128_si256(_mm_loadu_si128(table + 1))};
}

INLINED value times_narrow(value a, factor by) {
    const __m256i nibble = _mm256_set1_epi8(15);
    return _mm256_xor_si256(
        _mm256_shuffle_epi8(by.low, _mm256_and_si256(a, nibble)),
        _mm256_shuffle_epi8(by.high, _mm256_and_si256(_mm256_srli_epi64(a, 4), nibble)));
}

INLINED value times(value a, const ck_leopard_factors *factors, size_t index) {
    return times_narrow(a, narrow_at(factors, index));
}

INLINED value load_paired(const uint8_t *from, const ck_leopard_plan *plan) {
    (void)plan;
    return load(from);
}

INLINED void save_paired(uint8_t *to, value from, const ck_leopard_plan *plan) {
    (void)plan;
    save(to, from);
}

#include "leopard_passes.h"
