// SPDX-License-Identifier: Apache-2.0
//
// What sidecar_products.c puts together: sums over the pieces of rows.
#pragma once
#include "include/ck_sidecar.h"

#define PIECE 64

/// GF(2^8): symbols of a piece, and lanes.
#define PLACES8 64
#define LANES8 16

/// sums[lane] = Σ over pieces of the piece times its factor in the lane, of one row. `length` is a
/// multiple of 512, `products` and `factors` are as ck_sidecar8_nibble_sums has them.
void ck_sidecar8_sum_avx2(
    const uint8_t *products, const uint8_t *row, size_t length, const uint8_t *factors,
    uint8_t sums[LANES8][PLACES8]);

/// GF(2^16): symbols of a piece, and lanes.
#define PLACES 32
#define LANES 8
/// For each lane a product by the low half of a factor, one by the high half and one by their sum.
#define PRODUCTS (3 * LANES)

/// sums[product] = Σ over pieces of the halves (of the lows, the highs, their sums in turn) times
/// the factor of the product: the places of one row, then those of the other. `length` is a
/// multiple of 512.
void ck_sidecar16_sum_avx2(
    const ck_sidecar_pairs *field, const uint8_t *one, const uint8_t *two, size_t length,
    const ck_sidecar_pieces *pieces, uint8_t sums[PRODUCTS][2 * PLACES]);
void ck_sidecar16_sum_gfni512(
    const ck_sidecar_pairs *field, const uint8_t *one, const uint8_t *two, size_t length,
    const ck_sidecar_pieces *pieces, uint8_t sums[PRODUCTS][2 * PLACES]);
