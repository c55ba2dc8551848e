// SPDX-License-Identifier: Apache-2.0
//
// Sums over the pieces of two rows over GF(2^16), by bit matrices: a piece of either row at a time,
// as 64 symbols in planes of halves.
#include <immintrin.h>

#include "sidecar_levels.h"

#define KERNEL __attribute__((target("avx512f,avx512bw,avx512vl,gfni")))
#define INLINED KERNEL __attribute__((always_inline)) static inline
#define UNROLLED _Pragma("clang loop unroll(full)")
/// How far ahead rows are called: sums keep pace with memory only if it is told early.
#define AHEAD 4096

typedef __m512i value;

INLINED value times(value a, uint64_t matrix) {
    return _mm512_gf2p8affine_epi64_epi8(a, _mm512_set1_epi64((long long)matrix), 0);
}

/// The low halves of pairs, the high ones, and their sums.
INLINED void load_halves(
    value halves[3], const uint8_t *one, const uint8_t *two, const uint64_t *pairing) {
    __builtin_prefetch(one + AHEAD);
    __builtin_prefetch(two + AHEAD);
    value first = _mm512_loadu_si512(one), second = _mm512_loadu_si512(two);
    value low = _mm512_shuffle_i64x2(first, second, 0x44);
    value high = _mm512_shuffle_i64x2(first, second, 0xEE);
    halves[0] = _mm512_xor_si512(low, times(high, pairing[0]));
    halves[1] = times(high, pairing[1]);
    halves[2] = _mm512_xor_si512(halves[0], halves[1]);
}

KERNEL void ck_sidecar16_sum_gfni512(
    const ck_sidecar_pairs *field, const uint8_t *one, const uint8_t *two, size_t length,
    const ck_sidecar_pieces *pieces, uint8_t sums[PRODUCTS][2 * PLACES]) {
    const uint64_t *matrices = pieces->matrices, *pairing = field->pairing.matrices;
    value all[PRODUCTS], here[3], next[3];
    UNROLLED for (size_t i = 0; i < PRODUCTS; i++) all[i] = _mm512_setzero_si512();
    for (size_t at = 0; at < length; at += 2 * PIECE) {
        load_halves(here, one + at, two + at, pairing);
        load_halves(next, one + at + PIECE, two + at + PIECE, pairing);
        UNROLLED for (size_t i = 0; i < PRODUCTS; i++)
            all[i] = _mm512_ternarylogic_epi64(
                all[i], times(here[i % 3], matrices[i]),
                times(next[i % 3], matrices[PRODUCTS + i]), 0x96);
        matrices += 2 * PRODUCTS;
    }
    UNROLLED for (size_t i = 0; i < PRODUCTS; i++) _mm512_storeu_si512(sums[i], all[i]);
}
