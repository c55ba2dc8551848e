// SPDX-License-Identifier: Apache-2.0
//
// Eight messages at once: one 64-bit lane of a register each.
#include "keccak_levels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define LANE __m512i
#define XOR(a, b) _mm512_xor_si512(a, b)
#define XOR5(a, b, c, d, e)                                                                      \
    _mm512_ternarylogic_epi64(_mm512_ternarylogic_epi64(a, b, c, 0x96), d, e, 0x96)
#define ROT(a, n) _mm512_rol_epi64(a, n)
#define CHI(a, b, c) _mm512_ternarylogic_epi64(a, b, c, 0xd2)
#define CONSTANT(c) _mm512_set1_epi64((long long)(c))
#define WIDTH 8

__attribute__((target("avx512f"))) void ck_keccak256_eight(
    const uint8_t *const *messages, const size_t *lengths, uint8_t *digests) {
    __m512i state[25];
    uint8_t tails[WIDTH][CK_KECCAK_RATE];
    const uint8_t *places[WIDTH];
    size_t most = 0;
    for (int i = 0; i < 25; i++) state[i] = _mm512_setzero_si512();
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
            state[w] = XOR(state[w], _mm512_loadu_si512(words));
        }
        CK_KECCAK_ROUNDS(state);
        for (int w = 0; w < 4; w++) {
            uint64_t words[WIDTH];
            _mm512_storeu_si512(words, state[w]);
            for (int i = 0; i < WIDTH; i++)
                if (block == lengths[i] / CK_KECCAK_RATE)
                    memcpy(digests + 32 * i + 8 * w, words + i, 8);
        }
    }
}
#else
void ck_keccak256_eight(const uint8_t *const *m, const size_t *l, uint8_t *d) {
    for (int i = 0; i < 8; i++) ck_keccak256(CK_KECCAK_PORTABLE, m[i], l[i], d + 32 * i);
}
#endif
