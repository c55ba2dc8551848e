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

/// The same by nibble tables: `pieces` has 16 symbols for each piece, `places` 16 for each of the 64
/// places, and `products` the 32 bytes of tables (ck_leopard_factors) of each of the 256 factors. It
/// needs what `CK_LEOPARD_AVX2` needs.
void ck_sidecar8_nibble_sums(
    const uint8_t *products, const uint8_t *rows, size_t stride, size_t count, size_t length,
    const uint8_t *pieces, const uint8_t *places, uint8_t *sums);

/// GF(2^16) as pairs a + γ b with a and b of the subfield of 256 elements (ck_leopard_plan has more).
typedef struct {
    /// What multiplies by each element of the subfield, as over GF(2^8).
    ck_leopard_factors products;
    /// The four factors that make pairs of symbols and symbols of pairs.
    ck_leopard_factors pairing;
    /// γ² + γ.
    uint8_t square;
} ck_sidecar_pairs;

/// The factors of pieces, as pairs: for each piece and lane the low half, the high one, their sum.
typedef struct {
    /// 24 for each piece: what AVX2 reads.
    const uint8_t *factors;
    /// What multiplies by each of these, as GF2P8AFFINEQB takes it: what GFNI reads.
    const uint64_t *matrices;
} ck_sidecar_pieces;

/// The same over GF(2^16): lane l of symbol p of piece q has the factor of the piece times that of
/// the place. `places` has 24 bytes for each of the 32, as `factors` has for pieces. The level is
/// AVX2 or GFNI512.
void ck_sidecar16_product_sums(
    ck_leopard_level level, const ck_sidecar_pairs *field, const uint8_t *rows, size_t stride,
    size_t count, size_t length, const ck_sidecar_pieces *pieces, const uint8_t *places,
    uint8_t *sums);
