// SPDX-License-Identifier: Apache-2.0
//
// The additive Fourier transforms of the Leopard code over GF(2^8) and GF(2^16), in Cantor
// coordinates. Swift computes every factor from the field's definition and hands it over in the
// two forms that the instruction sets multiply by; nothing here knows the field's polynomial.
//
// A shard is `length` bytes, a multiple of 64. Over GF(2^8) a byte is a symbol. Over GF(2^16),
// symbol i of a 64-byte piece has its low byte at i and its high byte at 32 + i.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Ways to compute; all give the same bytes. A later one needs a newer processor.
typedef enum {
    /// Plain C.
    CK_LEOPARD_PORTABLE = 0,
    /// AVX2, products by nibble tables.
    CK_LEOPARD_AVX2 = 1,
    /// AVX-512 with GFNI, products by bit matrices.
    CK_LEOPARD_GFNI512 = 2,
} ck_leopard_level;

/// Whether this processor can run a level.
bool ck_leopard_supports(ck_leopard_level level);

/// A list of factors.
///
/// GF(2^8): one matrix a factor, as GF2P8AFFINEQB takes it, and 32 bytes of tables: the products
/// of the 16 low nibbles, then of the 16 high ones.
/// GF(2^16): four matrices (low to low, high to low, low to high, high to high), and 128 bytes of
/// tables: for each of the four nibbles from the lowest, 16 low bytes of the products, then 16
/// high ones.
typedef struct {
    const uint64_t *matrices;
    const uint8_t *tables;
} ck_leopard_factors;

/// The transforms over `count` points, a power of two. The factor of group g in the layer of
/// half-size d is number count / (2 d) + g of each list.
///
/// Factors below 256 are the subfield of 256 elements. Over GF(2^16), where nearly all are such,
/// transforms work on pairs: a + γ b with a and b of the subfield. Then one factor of GF(2^8) serves
/// both halves, and `inverse` and `forward` are lists as over that field. Layers of a half-size
/// below `…_wide` have larger factors; those are in the lists `…_large`, which act on pairs and are
/// null where there are none. `pairing` has four factors as of GF(2^8): what the high half of a
/// symbol adds to the low half of its pair, what it becomes, and the same two of the way back.
/// A transform that starts at the point 0 has no factor, that is zero, in the first group of every
/// layer.
typedef struct {
    size_t count;
    size_t inverse_wide, forward_wide;
    bool is_inverse_from_zero, is_forward_from_zero;
    ck_leopard_factors inverse_large, forward_large, pairing;
    ck_leopard_factors inverse;
    ck_leopard_factors forward;
} ck_leopard_plan;

/// How far apart the shards of a tile are, four shares and a line: a distance that kernels know.
#define CK_LEOPARD_TILE_STRIDE 2112

/// Bytes of scratch that `encode` and `decode` need for `count` points over GF(2^16), at most,
/// aligned to 64 bytes. Over GF(2^8) they need none: scratch may be null.
#define CK_LEOPARD_SCRATCH(count) ((count) * 128)

/// target[i] = forward(inverse(source))[i], where i counts shards `stride` bytes apart. 2 to 128
/// points over GF(2^8), 256 or 512 over GF(2^16). Source and target may be the same.
void ck_leopard8_encode(
    ck_leopard_level level, const ck_leopard_plan *plan, const uint8_t *source,
    size_t source_stride, uint8_t *target, size_t target_stride, size_t length, void *scratch);
void ck_leopard16_encode(
    ck_leopard_level level, const ck_leopard_plan *plan, const uint8_t *source,
    size_t source_stride, uint8_t *target, size_t target_stride, size_t length, void *scratch);

/// Restores lost shards in place. Point p is the shard at `shards + (p ^ count / 2) * stride`: data
/// shards come first and are the upper points. `kept[p]` is 0xFF for a shard that is there and 0
/// for one that is lost; `before` scales what is there, `after` what is restored, both by point.
/// Over GF(2^16), `before` also makes pairs of symbols, and `after` symbols of pairs.
/// 2 to 256 points over GF(2^8), 512 or 1024 over GF(2^16).
void ck_leopard8_decode(
    ck_leopard_level level, const ck_leopard_plan *plan, uint8_t *shards, size_t stride,
    size_t length, const uint8_t *kept, const ck_leopard_factors *before,
    const ck_leopard_factors *after, void *scratch);
void ck_leopard16_decode(
    ck_leopard_level level, const ck_leopard_plan *plan, uint8_t *shards, size_t stride,
    size_t length, const uint8_t *kept, const ck_leopard_factors *before,
    const ck_leopard_factors *after, void *scratch);

/// One butterfly on whole shards: inverse is upper ^= lower, lower ^= factor · upper; forward is
/// lower ^= factor · upper, upper ^= lower. For transforms of any size.
void ck_leopard8_butterfly(
    ck_leopard_level level, bool is_inverse, uint8_t *lower, uint8_t *upper, size_t length,
    const ck_leopard_factors *factor);
void ck_leopard16_butterfly(
    ck_leopard_level level, bool is_inverse, uint8_t *lower, uint8_t *upper, size_t length,
    const ck_leopard_factors *factor);

/// shard = factor · shard.
void ck_leopard8_scale(
    ck_leopard_level level, uint8_t *shard, size_t length, const ck_leopard_factors *factor);
void ck_leopard16_scale(
    ck_leopard_level level, uint8_t *shard, size_t length, const ck_leopard_factors *factor);

/// Copies `count` runs of `width` bytes that are `source_stride` apart; where `chosen` is not null,
/// only run i whose `chosen[i]` is not 0.
void ck_gather(
    const uint8_t *source, size_t source_stride, uint8_t *target, size_t target_stride,
    size_t count, size_t width, const uint8_t *chosen);

/// The same, past the caches: what is written is not read again soon. Target, stride and width
/// are multiples of 16 for the fast path; others are copied the ordinary way.
void ck_scatter(
    const uint8_t *source, size_t source_stride, uint8_t *target, size_t target_stride,
    size_t count, size_t width, const uint8_t *chosen);

/// Whether `size` bytes agree.
bool ck_equal(const uint8_t *a, const uint8_t *b, size_t size);
