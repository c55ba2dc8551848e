// SPDX-License-Identifier: Apache-2.0
//
// Sums over the pieces of rows by nibble tables: pieces are cut into nibbles once, a run of them at
// a time, for all products.
#include <immintrin.h>
#include <string.h>

#include "sidecar_levels.h"

#define KERNEL __attribute__((target("avx2")))
#define INLINED KERNEL __attribute__((always_inline)) static inline
#define UNROLLED _Pragma("clang loop unroll(full)")
/// Pieces cut at a time: a whole share.
#define RUN 8
/// Lanes that are summed at a time: as many pairs of values as fit in registers.
#define GROUP 4

typedef __m256i value;

/// The nibbles of two values: low ones of the one and the other, then high ones.
typedef struct {
    value of[4];
} nibbles;

/// Where the factors of a run stand: of the next piece, and of the next lane.
typedef struct {
    const uint8_t *first;
    size_t piece, lane;
} run_factors;

INLINED value load(const uint8_t *from) {
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

INLINED value looked_up(const uint8_t *table, value at) {
    __m128i entries = _mm_loadu_si128((const __m128i *)(const void *)table);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(entries), at);
}

INLINED void cut(value bytes, value *low, value *high) {
    const value nibble = _mm256_set1_epi8(15);
    *low = _mm256_and_si256(bytes, nibble);
    *high = _mm256_and_si256(_mm256_srli_epi64(bytes, 4), nibble);
}

INLINED value times(const uint8_t *table, value low, value high) {
    return _mm256_xor_si256(looked_up(table, low), looked_up(table + 16, high));
}

/// The low halves of the pairs of a row's piece, the high ones, and their sums, in nibbles.
INLINED void cut_piece(
    nibbles *cuts, size_t row, const uint8_t *piece, const uint8_t *pairing) {
    value low, high, halves[3];
    cut(load(piece + PLACES), &low, &high);
    halves[0] = _mm256_xor_si256(load(piece), times(pairing, low, high));
    halves[1] = times(pairing + 32, low, high);
    halves[2] = _mm256_xor_si256(halves[0], halves[1]);
    UNROLLED for (size_t half = 0; half < 3; half++)
        cut(halves[half], &cuts[half].of[row], &cuts[half].of[2 + row]);
}

/// Adds the products of a run of pieces, `apart` from one another, by the factors of some lanes.
INLINED void add_run(
    value (*sums)[2], const nibbles *cuts, const size_t apart, const uint8_t *tables,
    const run_factors factors) {
    value all[GROUP][2];
    memcpy(all, sums, sizeof all);
    for (size_t piece = 0; piece < RUN; piece++) {
        nibbles at = cuts[apart * piece];
        const uint8_t *factor = factors.first + factors.piece * piece;
        UNROLLED for (size_t lane = 0; lane < GROUP; lane++) {
            const uint8_t *table = tables + 32 * (size_t)factor[factors.lane * lane];
            UNROLLED for (size_t i = 0; i < 2; i++)
                all[lane][i] =
                    _mm256_xor_si256(all[lane][i], times(table, at.of[i], at.of[2 + i]));
        }
    }
    memcpy(sums, all, sizeof all);
}

KERNEL void ck_sidecar8_sum_avx2(
    const uint8_t *products, const uint8_t *row, size_t length, const uint8_t *factors,
    uint8_t sums[LANES8][PLACES8]) {
    value all[LANES8][2];
    memset(all, 0, sizeof all);
    for (size_t at = 0; at < length; at += RUN * PIECE) {
        nibbles cuts[RUN];
        for (size_t piece = 0; piece < RUN; piece++)
            UNROLLED for (size_t i = 0; i < 2; i++)
                cut(load(row + at + PIECE * piece + 32 * i), &cuts[piece].of[i],
                    &cuts[piece].of[2 + i]);
        for (size_t lane = 0; lane < LANES8; lane += GROUP)
            add_run(
                &all[lane], cuts, 1, products, (run_factors){factors + lane, LANES8, 1});
        factors += RUN * LANES8;
    }
    memcpy(sums, all, sizeof all);
}

KERNEL void ck_sidecar16_sum_avx2(
    const ck_sidecar_pairs *field, const uint8_t *one, const uint8_t *two, size_t length,
    const ck_sidecar_pieces *pieces, uint8_t sums[PRODUCTS][2 * PLACES]) {
    const uint8_t *factors = pieces->factors;
    value all[3][LANES][2];
    memset(all, 0, sizeof all);
    for (size_t at = 0; at < length; at += RUN * PIECE) {
        nibbles cuts[RUN][3];
        for (size_t piece = 0; piece < RUN; piece++) {
            cut_piece(cuts[piece], 0, one + at + PIECE * piece, field->pairing.tables);
            cut_piece(cuts[piece], 1, two + at + PIECE * piece, field->pairing.tables);
        }
        for (size_t half = 0; half < 3; half++)
            for (size_t lane = 0; lane < LANES; lane += GROUP)
                add_run(
                    &all[half][lane], &cuts[0][half], 3, field->products.tables,
                    (run_factors){factors + 3 * lane + half, PRODUCTS, 3});
        factors += RUN * PRODUCTS;
    }
    for (size_t i = 0; i < PRODUCTS; i++) memcpy(sums[i], all[i % 3][i / 3], sizeof sums[i]);
}
