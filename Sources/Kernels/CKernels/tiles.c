// SPDX-License-Identifier: Apache-2.0
//
// Columns of a square lie a power of two apart, where caches hold few lines. They are worked on in
// tiles: gathered into a packed scratch, and scattered past the caches.
#include "include/ck_leopard.h"
#include <immintrin.h>
#include <string.h>

void ck_gather(
    const uint8_t *source, size_t source_stride, uint8_t *target, size_t target_stride,
    size_t count, size_t width, const uint8_t *chosen) {
    enum { ahead = 4 };
    for (size_t row = 0; row < count; row++) {
        if (row + ahead < count && (!chosen || chosen[row + ahead]))
            for (size_t at = 0; at < width; at += 64)
                __builtin_prefetch(source + (row + ahead) * source_stride + at);
        if (!chosen || chosen[row])
            memcpy(target + row * target_stride, source + row * source_stride, width);
    }
}

void ck_scatter(
    const uint8_t *source, size_t source_stride, uint8_t *target, size_t target_stride,
    size_t count, size_t width, const uint8_t *chosen) {
    bool aligned = ((uintptr_t)target | target_stride | width) % 16 == 0;
    for (size_t row = 0; row < count; row++) {
        if (chosen && !chosen[row]) continue;
        uint8_t *to = target + row * target_stride;
        const uint8_t *from = source + row * source_stride;
        if (!aligned) {
            memcpy(to, from, width);
            continue;
        }
        for (size_t at = 0; at < width; at += 16)
            _mm_stream_si128(
                (__m128i *)(void *)(to + at),
                _mm_loadu_si128((const __m128i *)(const void *)(from + at)));
    }
    if (aligned) _mm_sfence();
}

bool ck_equal(const uint8_t *a, const uint8_t *b, size_t size) { return memcmp(a, b, size) == 0; }
