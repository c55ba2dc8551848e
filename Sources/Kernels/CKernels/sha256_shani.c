// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 with the SHA extensions. One stream waits for its own rounds; two to four interleaved
// ones fill those waits, and run at more than twice the rate.
#include "sha256_levels.h"
#include <immintrin.h>

#define SHANI __attribute__((target("sha,sse4.1,ssse3")))
#define INLINED SHANI __attribute__((always_inline)) static inline
#define UNROLLED _Pragma("clang loop unroll(full)")

/// The state as the instructions want it: ABEF and CDGH, each from the highest word down.
typedef struct {
    __m128i abef, cdgh;
} halves;

INLINED halves packed(const uint32_t state[8]) {
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)state);
    __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(state + 4));
    __m128i cdab = _mm_shuffle_epi32(low, 0xB1), efgh = _mm_shuffle_epi32(high, 0x1B);
    return (halves){_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xF0)};
}

INLINED void unpack(halves from, uint32_t state[8]) {
    __m128i feba = _mm_shuffle_epi32(from.abef, 0x1B), dchg = _mm_shuffle_epi32(from.cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

INLINED void run(
    uint32_t (*states)[8], const uint8_t *const *messages, const size_t lanes, size_t count) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    halves now[4], before[4];
    __m128i words[4][4];
    UNROLLED for (size_t lane = 0; lane < lanes; lane++) now[lane] = packed(states[lane]);
    for (size_t block = 0; block < count; block++) {
        UNROLLED for (size_t lane = 0; lane < lanes; lane++) {
            before[lane] = now[lane];
            const uint8_t *bytes = messages[lane] + 64 * block;
            UNROLLED for (size_t i = 0; i < 4; i++) {
                __m128i given = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i));
                words[lane][i] = _mm_shuffle_epi8(given, big_endian);
            }
        }
        UNROLLED for (size_t r = 0; r < 16; r++) {
            __m128i constants =
                _mm_load_si128((const __m128i *)(const void *)(ck_sha256_rounds + 4 * r));
            UNROLLED for (size_t lane = 0; lane < lanes; lane++) {
                __m128i *w = words[lane];
                halves *h = &now[lane];
                __m128i added = _mm_add_epi32(w[r & 3], constants);
                h->cdgh = _mm_sha256rnds2_epu32(h->cdgh, h->abef, added);
                if (r >= 3 && r < 15) {
                    __m128i seven = _mm_alignr_epi8(w[r & 3], w[(r + 3) & 3], 4);
                    w[(r + 1) & 3] = _mm_sha256msg2_epu32(
                        _mm_add_epi32(w[(r + 1) & 3], seven), w[r & 3]);
                }
                h->abef = _mm_sha256rnds2_epu32(h->abef, h->cdgh, _mm_shuffle_epi32(added, 0x0E));
                if (r >= 1 && r < 13)
                    w[(r + 3) & 3] = _mm_sha256msg1_epu32(w[(r + 3) & 3], w[r & 3]);
            }
        }
        UNROLLED for (size_t lane = 0; lane < lanes; lane++) {
            now[lane].abef = _mm_add_epi32(now[lane].abef, before[lane].abef);
            now[lane].cdgh = _mm_add_epi32(now[lane].cdgh, before[lane].cdgh);
        }
    }
    UNROLLED for (size_t lane = 0; lane < lanes; lane++) unpack(now[lane], states[lane]);
}

SHANI void ck_sha256_interleaved_shani(
    uint32_t (*states)[8], const uint8_t *const *messages, size_t lanes, size_t count) {
    switch (lanes) {
    case 1: run(states, messages, 1, count); break;
    case 2: run(states, messages, 2, count); break;
    case 3: run(states, messages, 3, count); break;
    case 4: run(states, messages, 4, count); break;
    default: break;
    }
}
