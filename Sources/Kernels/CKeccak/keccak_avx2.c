// SPDX-License-Identifier: Apache-2.0
//
// Four messages at once: one 64-bit lane of a register each.
#include "keccak_levels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define LANE __m256i
#define XOR(a, b) _mm256_xor_si256(a, b)
#define XOR5(a, b, c, d, e) XOR(XOR(XOR(a, b), XOR(c, d)), e)
#define ROT(a, n) _mm256_or_si256(_mm256_slli_epi64(a, n), _mm256_srli_epi64(a, 64 - (n)))
#define CHI(a, b, c) _mm256_xor_si256(a, _mm256_andnot_si256(b, c))
#define CONSTANT(c) _mm256_set1_epi64x((long long)(c))
#define WIDTH 4

__attribute__((target("avx2"))) void ck_keccak256_four(
    const uint8_t *const *messages, const size_t *lengths, uint8_t *digests) {
    __m256i state[25];
    uint8_t tails[WIDTH][CK_KECCAK_RATE];
    const uint8_t *places[WIDTH];
    size_t most = 0;
    for (int i = 0; i < 25; i++) state[i] = _mm256_setzero_si256();
    for (int i = 0; i < WIDTH; i++) {
        size_t whole = lengths[i] / CK_KECCAK_RATE;
        ck_keccak_tail(
            messages[i] + whole * CK_KECCAK_RATE, lengths[i] - whole * CK_KECCAK_RATE, tails[i]);
        if (whole > most) most = whole;
    }
    for (size_t block = 0; block <= most; block++) {
        for (int i = 0; i < WIDTH; i++) {
            size_t whole = lengths[i] / CK_KECCAK_RATE;
            places[i] = block < whole ? messages[i] + block * CK_KECCAK_RATE : tails[i];
        }
        for (int w = 0; w < CK_KECCAK_WORDS; w++) {
            uint64_t words[WIDTH];
            for (int i = 0; i < WIDTH; i++) memcpy(words + i, places[i] + 8 * w, 8);
            state[w] = XOR(state[w], _mm256_loadu_si256((const __m256i *)words));
        }
        CK_KECCAK_ROUNDS(state);
        for (int w = 0; w < 4; w++) {
            uint64_t words[WIDTH];
            _mm256_storeu_si256((__m256i *)words, state[w]);
            for (int i = 0; i < WIDTH; i++)
                if (block == lengths[i] / CK_KECCAK_RATE)
                    memcpy(digests + 32 * i + 8 * w, words + i, 8);
        }
    }
}
#else
void ck_keccak256_four(const uint8_t *const *m, const size_t *l, uint8_t *d) {
    for (int i = 0; i < 4; i++) ck_keccak256(CK_KECCAK_PORTABLE, m[i], l[i], d + 32 * i);
}
#endif
