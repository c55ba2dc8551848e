// SPDX-License-Identifier: Apache-2.0
//
// Sums by nibble tables: for the symbols of a 64-byte piece, what each nibble adds to the sixteen
// bytes of lanes; the tables serve all rows while they are in the cache.
#include <string.h>

#include "include/ck_sidecar.h"

#define PIECE 64
#define LANES 16

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef int8_t signed8 __attribute__((vector_size(16)));
typedef uint16_t words8 __attribute__((vector_size(16)));
typedef int16_t signed16 __attribute__((vector_size(16)));

static inline bytes16 load(const uint8_t *from) {
    bytes16 value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline void save(uint8_t *to, bytes16 value) { memcpy(to, &value, sizeof value); }

/// Elements times x: shifted, and reduced where a bit fell out.
static inline bytes16 times_x8(bytes16 a, uint16_t reduction) {
    bytes16 fallen = (bytes16)((signed8)a < 0);
    return (a + a) ^ (fallen & (uint8_t)reduction);
}

static inline bytes16 times_x16(bytes16 a, uint16_t reduction) {
    words8 words = (words8)a;
    words8 fallen = (words8)((signed16)words < 0);
    return (bytes16)((words + words) ^ (fallen & reduction));
}

/// Lanes of symbols as elements, or back.
static inline bytes16 mapped8(bytes16 lanes, const uint16_t *table) {
    for (size_t lane = 0; lane < LANES; lane++) lanes[lane] = (uint8_t)table[lanes[lane]];
    return lanes;
}

static inline bytes16 mapped16(bytes16 lanes, const uint16_t *table) {
    words8 words = (words8)lanes;
    for (size_t lane = 0; lane < LANES / 2; lane++)
        words[lane] = (uint16_t)(table[words[lane] & 0xFF] ^ table[256 + (words[lane] >> 8)]);
    return (bytes16)words;
}

/// What each value of each nibble of a symbol adds, given the powers of x times the coefficient.
static inline void fill(
    bytes16 *tables, const bytes16 *powers, const uint16_t *basis, size_t bits) {
    for (size_t nibble = 0; nibble < bits / 4; nibble++) {
        bytes16 *table = tables + 16 * nibble;
        table[0] = (bytes16){0};
        for (size_t bit = 0; bit < 4; bit++) {
            bytes16 image = {0};
            for (size_t power = 0; power < bits; power++)
                if (basis[4 * nibble + bit] >> power & 1) image ^= powers[power];
            size_t half = (size_t)1 << bit;
            for (size_t value = 0; value < half; value++) table[half + value] = table[value] ^ image;
        }
    }
}

void ck_sidecar8_sums(
    const ck_sidecar_field *field, const uint8_t *rows, size_t stride, size_t count,
    size_t length, const uint8_t *coefficients, uint8_t *sums) {
    bytes16 tables[PIECE * 32], powers[8];
    memset(sums, 0, count * LANES);
    for (size_t start = 0; start < length; start += PIECE) {
        for (size_t symbol = 0; symbol < PIECE; symbol++) {
            powers[0] = mapped8(load(coefficients + (start + symbol) * LANES), field->elements);
            for (size_t bit = 1; bit < 8; bit++)
                powers[bit] = times_x8(powers[bit - 1], field->reduction);
            fill(tables + symbol * 32, powers, field->basis, 8);
        }
        for (size_t row = 0; row < count; row++) {
            const uint8_t *piece = rows + row * stride + start;
            if (row + 4 < count) __builtin_prefetch(piece + 4 * stride);
            bytes16 low = load(sums + row * LANES), high = {0};
            for (size_t symbol = 0; symbol < PIECE; symbol++) {
                low ^= tables[symbol * 32 + (piece[symbol] & 15)];
                high ^= tables[symbol * 32 + 16 + (piece[symbol] >> 4)];
            }
            save(sums + row * LANES, low ^ high);
        }
    }
    for (size_t row = 0; row < count; row++)
        save(sums + row * LANES, mapped8(load(sums + row * LANES), field->symbols));
}

void ck_sidecar16_sums(
    const ck_sidecar_field *field, const uint8_t *rows, size_t stride, size_t count,
    size_t length, const uint8_t *coefficients, uint8_t *sums) {
    bytes16 tables[PIECE / 2 * 64], powers[16];
    memset(sums, 0, count * LANES);
    for (size_t start = 0; start < length; start += PIECE) {
        for (size_t symbol = 0; symbol < PIECE / 2; symbol++) {
            const uint8_t *coefficient = coefficients + (start / 2 + symbol) * LANES;
            powers[0] = mapped16(load(coefficient), field->elements);
            for (size_t bit = 1; bit < 16; bit++)
                powers[bit] = times_x16(powers[bit - 1], field->reduction);
            fill(tables + symbol * 64, powers, field->basis, 16);
        }
        for (size_t row = 0; row < count; row++) {
            const uint8_t *piece = rows + row * stride + start;
            if (row + 4 < count) __builtin_prefetch(piece + 4 * stride);
            bytes16 low = load(sums + row * LANES), high = {0};
            for (size_t symbol = 0; symbol < PIECE / 2; symbol++) {
                const bytes16 *table = tables + symbol * 64;
                low ^= table[piece[symbol] & 15] ^ table[16 + (piece[symbol] >> 4)];
                high ^= table[32 + (piece[32 + symbol] & 15)];
                high ^= table[48 + (piece[32 + symbol] >> 4)];
            }
            save(sums + row * LANES, low ^ high);
        }
    }
    for (size_t row = 0; row < count; row++)
        save(sums + row * LANES, mapped16(load(sums + row * LANES), field->symbols));
}
