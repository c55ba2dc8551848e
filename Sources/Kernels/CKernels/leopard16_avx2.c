// SPDX-License-Identifier: Apache-2.0
//
// GF(2^16), the 32 symbols of a 64-byte piece at a time: a product is eight look-ups in tables of
// nibbles.
#include <immintrin.h>

#define KERNEL __attribute__((target("avx2")))
#define INLINED KERNEL __attribute__((always_inline)) static inline
#define NAMED(verb) ck_leopard16_##verb##_avx2
#define LARGE_LAYERS 2
#define OWN_SCRATCH
#define RADIX 4
#define COLUMN 64
#include "include/ck_leopard.h"

typedef struct {
    __m256i low, high;
} value;

INLINED value load(const uint8_t *from) {
    const __m256i *halves = (const __m256i *)(const void *)from;
    return (value){_mm256_loadu_si256(halves), _mm256_loadu_si256(halves + 1)};
}

INLINED void save(uint8_t *to, value from) {
    _mm256_storeu_si256((__m256i *)(void *)to, from.low);
    _mm256_storeu_si256((__m256i *)(void *)(to + 32), from.high);
}

INLINED value load_kept(const uint8_t *from, uint8_t kept) {
    return kept ? load(from) : (value){_mm256_setzero_si256(), _mm256_setzero_si256()};
}

INLINED void save_lost(uint8_t *to, uint8_t kept, value from) {
    if (!kept) save(to, from);
}

INLINED value sum(value a, value b) {
    return (value){_mm256_xor_si256(a.low, b.low), _mm256_xor_si256(a.high, b.high)};
}

INLINED __m256i looked_up(const uint8_t *table, __m256i nibbles) {
    __m128i entries = _mm_loadu_si128((const __m128i *)(const void *)table);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(entries), nibbles);
}

INLINED value times(value a, const ck_leopard_factors *factors, size_t index) {
    const uint8_t *table = factors->tables + 128 * index;
    const __m256i mask = _mm256_set1_epi8(15);
    __m256i nibbles[4] = {
        _mm256_and_si256(a.low, mask), _mm256_and_si256(_mm256_srli_epi64(a.low, 4), mask),
        _mm256_and_si256(a.high, mask), _mm256_and_si256(_mm256_srli_epi64(a.high, 4), mask)};
    value product = {looked_up(table, nibbles[0]), looked_up(table + 16, nibbles[0])};
    for (size_t i = 1; i < 4; i++) {
        product.low = _mm256_xor_si256(product.low, looked_up(table + 32 * i, nibbles[i]));
        product.high = _mm256_xor_si256(product.high, looked_up(table + 32 * i + 16, nibbles[i]));
    }
    return product;
}

typedef struct {
    __m256i low, high;
} factor;

INLINED factor narrow_at(const ck_leopard_factors *factors, size_t index) {
    const __m128i *table = (const __m128i *)(const void *)(factors->tables + 32 * index);
    return (factor){
        _mm256_broadcastsi128_si256(_mm_loadu_si128(table)),
        _mm256_broadcastsi128_si256(_mm_loadu_si128(table + 1))};
}

INLINED __m256i mapped(__m256i bytes, factor by) {
    const __m256i nibble = _mm256_set1_epi8(15);
    return _mm256_xor_si256(
        _mm256_shuffle_epi8(by.low, _mm256_and_si256(bytes, nibble)),
        _mm256_shuffle_epi8(by.high, _mm256_and_si256(_mm256_srli_epi64(bytes, 4), nibble)));
}

INLINED value times_narrow(value a, factor by) {
    return (value){mapped(a.low, by), mapped(a.high, by)};
}

/// The high half changes the low one by one factor, and becomes its product by another.
INLINED value crossed(value a, factor added, factor becoming) {
    return (value){_mm256_xor_si256(a.low, mapped(a.high, added)), mapped(a.high, becoming)};
}

INLINED value load_paired(const uint8_t *from, const ck_leopard_plan *plan) {
    return crossed(load(from), narrow_at(&plan->pairing, 0), narrow_at(&plan->pairing, 1));
}

INLINED void save_paired(uint8_t *to, value from, const ck_leopard_plan *plan) {
    save(to, crossed(from, narrow_at(&plan->pairing, 2), narrow_at(&plan->pairing, 3)));
}

#include "leopard_passes.h"
