// SPDX-License-Identifier: Apache-2.0
//
// Sums over GF(2^8) whose coefficients are products of a factor of the piece and one of the place
// in it: pieces are summed first, times their factors by bit matrices; what is left, one piece a
// lane, is multiplied by the places' factors in the field of GF2P8MULB, which is another view of
// the same one.
#include <immintrin.h>
#include <string.h>

#include "include/ck_sidecar.h"

#define KERNEL __attribute__((target("avx512f,avx512bw,avx512vl,gfni")))
#define INLINED KERNEL __attribute__((always_inline)) static inline
#define PIECE 64
#define LANES 16

typedef __m512i value;

INLINED value times(value a, uint64_t matrix) {
    return _mm512_gf2p8affine_epi64_epi8(a, _mm512_set1_epi64((long long)matrix), 0);
}

/// sums[lane] = Σ over pieces of the piece times its factor in the lane; two pieces a turn.
INLINED void sum_pieces(
    value *sums, const uint8_t *row, size_t length, const uint64_t *matrices) {
    value lanes[LANES];
    for (int lane = 0; lane < LANES; lane++) lanes[lane] = _mm512_setzero_si512();
    for (size_t at = 0; at < length; at += 2 * PIECE) {
        value one = _mm512_loadu_si512(row + at);
        value two = _mm512_loadu_si512(row + at + PIECE);
#pragma clang loop unroll(full)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] = _mm512_ternarylogic_epi64(
                lanes[lane], times(one, matrices[lane]), times(two, matrices[LANES + lane]), 0x96);
        matrices += 2 * LANES;
    }
    for (int lane = 0; lane < LANES; lane++) sums[lane] = lanes[lane];
}

/// The sum of the 64 bytes of a value.
INLINED uint8_t folded(value bytes) {
    __m256i half =
        _mm256_xor_si256(_mm512_castsi512_si256(bytes), _mm512_extracti64x4_epi64(bytes, 1));
    __m128i quarter =
        _mm_xor_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    uint64_t word =
        (uint64_t)_mm_extract_epi64(quarter, 0) ^ (uint64_t)_mm_extract_epi64(quarter, 1);
    word ^= word >> 32;
    word ^= word >> 16;
    return (uint8_t)(word ^ word >> 8);
}

KERNEL void ck_sidecar8_product_sums(
    const ck_sidecar_field *field, const uint8_t *rows, size_t stride, size_t count,
    size_t length, const uint64_t *matrices, const uint8_t *weights, uint8_t *sums) {
    value places[LANES], lanes[LANES];
    for (int lane = 0; lane < LANES; lane++)
        places[lane] = times(_mm512_loadu_si512(weights + PIECE * lane), field->to_product);
    for (size_t row = 0; row < count; row++) {
        uint8_t sum[LANES];
        sum_pieces(lanes, rows + row * stride, length, matrices);
        for (int lane = 0; lane < LANES; lane++)
            sum[lane] = folded(
                _mm512_gf2p8mul_epi8(times(lanes[lane], field->to_product), places[lane]));
        __m128i back = _mm_gf2p8affine_epi64_epi8(
            _mm_loadu_si128((const void *)sum), _mm_set1_epi64x((long long)field->from_product), 0);
        _mm_storeu_si128((void *)(sums + row * LANES), back);
    }
}
