// SPDX-License-Identifier: Apache-2.0
//
// Sums whose coefficients are products of a factor of the piece and one of the place in it: pieces
// are summed first, times their factors, by the instruction set at hand; what is left, one piece a
// lane, is multiplied by the places' factors here.
//
// Symbols of GF(2^16) are pairs a + γ b, with γ² = γ + square. A product of pairs is three products of halves:
// (a + γ b)(c + γ d) = ac + square · bd + γ ((a + b)(c + d) + ac). All three are linear, so they are
// summed apart and put together at the end.
#include "sidecar_levels.h"

/// A pair, or its three products before they are put together.
typedef struct {
    uint8_t low, high, both;
} halves;

static inline uint8_t times(const uint8_t *tables, uint8_t factor, uint8_t by) {
    const uint8_t *table = tables + 32 * (size_t)factor;
    return table[by & 15] ^ table[16 + (by >> 4)];
}

void ck_sidecar8_nibble_sums(
    const uint8_t *products, const uint8_t *rows, size_t stride, size_t count, size_t length,
    const uint8_t *pieces, const uint8_t *places, uint8_t *sums) {
    uint8_t left[LANES8][PLACES8];
    for (size_t row = 0; row < count; row++) {
        ck_sidecar8_sum_avx2(products, rows + row * stride, length, pieces, left);
        for (size_t lane = 0; lane < LANES8; lane++) {
            uint8_t sum = 0;
            for (size_t place = 0; place < PLACES8; place++)
                sum ^= times(products, places[LANES8 * place + lane], left[lane][place]);
            *sums++ = sum;
        }
    }
}

static inline halves joined(halves products, const ck_sidecar_pairs *field) {
    uint8_t low =
        products.low ^ times(field->products.tables, field->square, products.high);
    uint8_t high = products.low ^ products.both;
    return (halves){low, high, low ^ high};
}

/// One lane of one row: Σ over places of what the pieces left there times the place's factor.
static uint16_t sum_places(
    const ck_sidecar_pairs *field, uint8_t pieces[3][2 * PLACES], size_t row,
    const uint8_t *places) {
    const uint8_t *tables = field->products.tables, *pairing = field->pairing.tables;
    halves sum = {0, 0, 0};
    for (size_t place = 0; place < PLACES; place++, places += PRODUCTS) {
        size_t at = PLACES * row + place;
        halves pair = joined((halves){pieces[0][at], pieces[1][at], pieces[2][at]}, field);
        sum.low ^= times(tables, places[0], pair.low);
        sum.high ^= times(tables, places[1], pair.high);
        sum.both ^= times(tables, places[2], pair.both);
    }
    halves pair = joined(sum, field);
    uint8_t low = pair.low ^ times(pairing, 2, pair.high);
    return (uint16_t)(low | times(pairing, 3, pair.high) << 8);
}

void ck_sidecar16_product_sums(
    ck_leopard_level level, const ck_sidecar_pairs *field, const uint8_t *rows, size_t stride,
    size_t count, size_t length, const ck_sidecar_pieces *pieces, const uint8_t *places,
    uint8_t *sums) {
    uint8_t left[PRODUCTS][2 * PLACES];
    for (size_t row = 0; row < count; row += 2) {
        const uint8_t *one = rows + row * stride, *two = row + 1 < count ? one + stride : one;
        if (level == CK_LEOPARD_GFNI512)
            ck_sidecar16_sum_gfni512(field, one, two, length, pieces, left);
        else ck_sidecar16_sum_avx2(field, one, two, length, pieces, left);
        for (size_t which = 0; which < 2 && row + which < count; which++) {
            for (size_t lane = 0; lane < LANES; lane++) {
                uint16_t sum = sum_places(field, &left[3 * lane], which, places + 3 * lane);
                *sums++ = (uint8_t)sum;
                *sums++ = (uint8_t)(sum >> 8);
            }
        }
    }
}
