// SPDX-License-Identifier: Apache-2.0
//
// The sums of an encoding sidecar: for each row, the sum over its symbols of symbol times
// coefficient, in sixteen bytes of lanes. Swift computes every table from the field's definition
// and hands it over.
#pragma once
#include "ck_leopard.h"

/// A field, as the sums need it. Symbols are Cantor coordinates; elements are polynomials.
typedef struct {
    /// The elements of the single bits of a symbol: 8, or 16 over GF(2^16).
    const uint16_t *basis;
    /// The elements of the 256 low bytes of symbols; over GF(2^16), then of the 256 high bytes.
    const uint16_t *elements;
    /// The symbols of the 256 low bytes of elements; over GF(2^16), then of the 256 high bytes.
    const uint16_t *symbols;
    /// What x to the power of the field's bits is.
    uint16_t reduction;
    /// GF(2^8) alone: from symbols to the field that GF2P8MULB multiplies in, and back, as
    /// GF2P8AFFINEQB takes matrices.
    uint64_t to_product, from_product;
} ck_sidecar_field;

/// Writes `count` sums of 16 bytes. Row i is the `length` bytes, a multiple of 512, at
/// `rows + i * stride`; `coefficients` has 16 bytes a symbol, the same for all rows.
///
/// GF(2^8): a byte is a symbol and a coefficient is sixteen symbols. GF(2^16): symbol i of a
/// 64-byte piece has its low byte at i and its high byte at 32 + i, and a coefficient is eight
/// symbols, low byte first, as the sums are.
void ck_sidecar8_sums(
    const ck_sidecar_field *field, const uint8_t *rows, size_t stride, size_t count,
    size_t length, const uint8_t *coefficients, uint8_t *sums);
void ck_sidecar16_sums(
    const ck_sidecar_field *field, const uint8_t *rows, size_t stride, size_t count,
    size_t length, const uint8_t *coefficients, uint8_t *sums);

/// The same over GF(2^8) for coefficients that are products: lane l of symbol p of piece q has
/// the factor that `matrices[16 * q + l]` multiplies by, as GF2P8AFFINEQB takes it, times the
/// symbol `weights[64 * l + p]`. It needs what `CK_LEOPARD_GFNI512` needs.
void ck_sidecar8_product_sums(
    const ck_sidecar_field *field, const uint8_t *rows, size_t stride, size_t count,
    size_t length, const uint64_t *matrices, const uint8_t *weights, uint8_t *sums);
