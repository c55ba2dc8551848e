// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 of sixteen messages at once: lane i of every vector belongs to message i.
#include "sha256_levels.h"
#include <immintrin.h>

#define WIDE __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define INLINED WIDE __attribute__((always_inline)) static inline
#define UNROLLED _Pragma("clang loop unroll(full)")
#define XOR3 0x96
#define CHOOSE 0xCA
#define MAJORITY 0xE8

/// Sixteen rows of sixteen words become sixteen columns, and each word big-endian a number.
INLINED void transpose(__m512i rows[16]) {
    const __m512i big_endian = _mm512_broadcast_i32x4(
        _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
    __m512i pairs[16], fours[16];
    UNROLLED for (int i = 0; i < 16; i += 2) {
        __m512i upper = _mm512_shuffle_epi8(rows[i], big_endian);
        __m512i lower = _mm512_shuffle_epi8(rows[i + 1], big_endian);
        pairs[i] = _mm512_unpacklo_epi32(upper, lower);
        pairs[i + 1] = _mm512_unpackhi_epi32(upper, lower);
    }
    UNROLLED for (int i = 0; i < 16; i += 4) {
        fours[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
        fours[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
        fours[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
        fours[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    UNROLLED for (int i = 0; i < 4; i++) {
        __m512i a = _mm512_shuffle_i32x4(fours[i], fours[i + 4], 0x44);
        __m512i b = _mm512_shuffle_i32x4(fours[i], fours[i + 4], 0xEE);
        __m512i c = _mm512_shuffle_i32x4(fours[i + 8], fours[i + 12], 0x44);
        __m512i d = _mm512_shuffle_i32x4(fours[i + 8], fours[i + 12], 0xEE);
        rows[i] = _mm512_shuffle_i32x4(a, c, 0x88);
        rows[i + 4] = _mm512_shuffle_i32x4(a, c, 0xDD);
        rows[i + 8] = _mm512_shuffle_i32x4(b, d, 0x88);
        rows[i + 12] = _mm512_shuffle_i32x4(b, d, 0xDD);
    }
}

INLINED __m512i xor3(__m512i a, __m512i b, __m512i c) {
    return _mm512_ternarylogic_epi32(a, b, c, XOR3);
}

INLINED void compress(__m512i state[8], __m512i words[16]) {
    __m512i a = state[0], b = state[1], c = state[2], d = state[3];
    __m512i e = state[4], f = state[5], g = state[6], h = state[7];
    UNROLLED for (int i = 0; i < 64; i++) {
        __m512i word = words[i & 15];
        if (i >= 16) {
            __m512i early = words[(i + 1) & 15], late = words[(i + 14) & 15];
            __m512i small0 = xor3(
                _mm512_ror_epi32(early, 7), _mm512_ror_epi32(early, 18),
                _mm512_srli_epi32(early, 3));
            __m512i small1 = xor3(
                _mm512_ror_epi32(late, 17), _mm512_ror_epi32(late, 19),
                _mm512_srli_epi32(late, 10));
            word = _mm512_add_epi32(
                _mm512_add_epi32(word, words[(i + 9) & 15]), _mm512_add_epi32(small0, small1));
            words[i & 15] = word;
        }
        __m512i given = _mm512_add_epi32(
            _mm512_add_epi32(h, word), _mm512_set1_epi32((int)ck_sha256_rounds[i]));
        __m512i big1 = xor3(
            _mm512_ror_epi32(e, 6), _mm512_ror_epi32(e, 11), _mm512_ror_epi32(e, 25));
        __m512i chosen = _mm512_ternarylogic_epi32(e, f, g, CHOOSE);
        __m512i first = _mm512_add_epi32(_mm512_add_epi32(given, chosen), big1);
        __m512i big0 = xor3(
            _mm512_ror_epi32(a, 2), _mm512_ror_epi32(a, 13), _mm512_ror_epi32(a, 22));
        __m512i second = _mm512_add_epi32(big0, _mm512_ternarylogic_epi32(a, b, c, MAJORITY));
        h = g, g = f, f = e, e = _mm512_add_epi32(d, first);
        d = c, c = b, b = a, a = _mm512_add_epi32(first, second);
    }
    state[0] = _mm512_add_epi32(state[0], a), state[1] = _mm512_add_epi32(state[1], b);
    state[2] = _mm512_add_epi32(state[2], c), state[3] = _mm512_add_epi32(state[3], d);
    state[4] = _mm512_add_epi32(state[4], e), state[5] = _mm512_add_epi32(state[5], f);
    state[6] = _mm512_add_epi32(state[6], g), state[7] = _mm512_add_epi32(state[7], h);
}

INLINED void begin(__m512i state[8]) {
    UNROLLED for (int i = 0; i < 8; i++) state[i] = _mm512_set1_epi32((int)ck_sha256_initial[i]);
}

/// Writes the digests of the first `lanes` messages: the transposition that made numbers of
/// big-endian words makes big-endian words of numbers as well.
INLINED void finish(const __m512i state[8], size_t lanes, uint8_t *digests, size_t stride) {
    __m512i rows[16];
    UNROLLED for (int i = 0; i < 8; i++) rows[i] = state[i];
    UNROLLED for (int i = 8; i < 16; i++) rows[i] = _mm512_setzero_si512();
    transpose(rows);
    for (size_t lane = 0; lane < lanes; lane++)
        _mm256_storeu_si256(
            (__m256i *)(void *)(digests + lane * stride), _mm512_castsi512_si256(rows[lane]));
}

/// Bytes `from ..< to` of 64, read at `address`; nothing outside is touched.
INLINED __m512i partial(const uint8_t *address, int from, int to) {
    __mmask64 upper = to == 64 ? ~0ull : (1ull << to) - 1;
    return _mm512_maskz_loadu_epi8(upper & ~((1ull << from) - 1), address);
}

/// What follows a message of `bits` bits whose last block holds `used` bytes.
INLINED __m512i padding(int used, uint64_t bits) {
    _Alignas(64) uint8_t block[64] = {0};
    block[used] = 0x80;
    block[62] = (uint8_t)(bits >> 8);
    block[63] = (uint8_t)bits;
    return _mm512_load_si512(block);
}

WIDE void ck_nmt_leaves_avx512(
    const uint8_t *shares, size_t share_stride, const uint8_t *namespaces, size_t namespace_stride,
    size_t lanes, uint8_t *digests) {
    __m512i state[8], words[16];
    const __m512i end = padding(30, 542 * 8);
    begin(state);
    UNROLLED for (size_t i = 0; i < 16; i++) {
        size_t lane = i < lanes ? i : 0;
        words[i] = _mm512_or_si512(
            partial(namespaces + lane * namespace_stride - 1, 1, 30),
            partial(shares + lane * share_stride - 30, 30, 64));
    }
    transpose(words);
    compress(state, words);
    for (size_t block = 0; block < 7; block++) {
        // Sixteen runs side by side are more than the processor foresees: the shares that come
        // next are asked for a few lines at a time.
        UNROLLED for (size_t i = 0; i < 19; i++)
            __builtin_prefetch(shares + lanes * share_stride + 64 * (19 * block + i), 0, 2);
        UNROLLED for (size_t i = 0; i < 16; i++) {
            size_t lane = i < lanes ? i : 0;
            words[i] = _mm512_loadu_si512(shares + lane * share_stride + 34 + 64 * block);
        }
        transpose(words);
        compress(state, words);
    }
    UNROLLED for (size_t i = 0; i < 16; i++) {
        size_t lane = i < lanes ? i : 0;
        words[i] = _mm512_or_si512(end, partial(shares + lane * share_stride + 482, 0, 30));
    }
    transpose(words);
    compress(state, words);
    finish(state, lanes, digests, 32);
}

WIDE void ck_nmt_nodes_avx512(
    const uint8_t *pairs, size_t lanes, uint8_t *digests, size_t digest_stride) {
    __m512i state[8], words[16];
    const __m512i end = padding(53, 181 * 8);
    const __m512i mark = _mm512_maskz_set1_epi8(1, 1);
    begin(state);
    UNROLLED for (size_t i = 0; i < 16; i++) {
        size_t lane = i < lanes ? i : 0;
        words[i] = _mm512_or_si512(mark, partial(pairs + 180 * lane - 1, 1, 64));
    }
    transpose(words);
    compress(state, words);
    UNROLLED for (size_t i = 0; i < 16; i++)
        words[i] = _mm512_loadu_si512(pairs + 180 * (i < lanes ? i : 0) + 63);
    transpose(words);
    compress(state, words);
    UNROLLED for (size_t i = 0; i < 16; i++)
        words[i] = _mm512_or_si512(end, partial(pairs + 180 * (i < lanes ? i : 0) + 127, 0, 53));
    transpose(words);
    compress(state, words);
    finish(state, lanes, digests, digest_stride);
}
