// SPDX-License-Identifier: Apache-2.0
//
// Chooses an instance by level. The widest one over GF(2^16) takes 128 bytes at a time and leaves
// a last 64 to its narrower sister.
#include "leopard_levels.h"

#define BY_LEVEL(field, verb, ...)                                                                 \
    switch (level) {                                                                               \
    case CK_LEOPARD_PORTABLE: ck_leopard##field##_##verb##_portable(__VA_ARGS__); break;           \
    case CK_LEOPARD_AVX2: ck_leopard##field##_##verb##_avx2(__VA_ARGS__); break;                   \
    case CK_LEOPARD_GFNI512: ck_leopard##field##_##verb##_gfni512(__VA_ARGS__); break;             \
    }

/// Bytes of a shard that the chosen instance leaves over GF(2^16): 0 or 64.
static size_t rest(ck_leopard_level level, size_t length) {
    return level == CK_LEOPARD_GFNI512 ? length % 128 : 0;
}

void ck_leopard8_encode(
    ck_leopard_level level, const ck_leopard_plan *plan, const uint8_t *source,
    size_t source_stride, uint8_t *target, size_t target_stride, size_t length, void *scratch) {
    BY_LEVEL(8, encode, plan, source, source_stride, target, target_stride, length, scratch)
}

void ck_leopard16_encode(
    ck_leopard_level level, const ck_leopard_plan *plan, const uint8_t *source,
    size_t source_stride, uint8_t *target, size_t target_stride, size_t length, void *scratch) {
    size_t left = rest(level, length), done = length - left;
    BY_LEVEL(16, encode, plan, source, source_stride, target, target_stride, done, scratch)
    if (left)
        ck_leopard16_encode_gfni256(
            plan, source + done, source_stride, target + done, target_stride, left, scratch);
}

void ck_leopard8_decode(
    ck_leopard_level level, const ck_leopard_plan *plan, uint8_t *shards, size_t stride,
    size_t length, const uint8_t *kept, const ck_leopard_factors *before,
    const ck_leopard_factors *after, void *scratch) {
    BY_LEVEL(8, decode, plan, shards, stride, length, kept, before, after, scratch)
}

void ck_leopard16_decode(
    ck_leopard_level level, const ck_leopard_plan *plan, uint8_t *shards, size_t stride,
    size_t length, const uint8_t *kept, const ck_leopard_factors *before,
    const ck_leopard_factors *after, void *scratch) {
    size_t left = rest(level, length), done = length - left;
    BY_LEVEL(16, decode, plan, shards, stride, done, kept, before, after, scratch)
    if (left)
        ck_leopard16_decode_gfni256(
            plan, shards + done, stride, left, kept, before, after, scratch);
}

void ck_leopard8_butterfly(
    ck_leopard_level level, bool is_inverse, uint8_t *lower, uint8_t *upper, size_t length,
    const ck_leopard_factors *factor) {
    BY_LEVEL(8, butterfly, is_inverse, lower, upper, length, factor)
}

void ck_leopard16_butterfly(
    ck_leopard_level level, bool is_inverse, uint8_t *lower, uint8_t *upper, size_t length,
    const ck_leopard_factors *factor) {
    size_t left = rest(level, length), done = length - left;
    BY_LEVEL(16, butterfly, is_inverse, lower, upper, done, factor)
    if (left) ck_leopard16_butterfly_gfni256(is_inverse, lower + done, upper + done, left, factor);
}

void ck_leopard8_scale(
    ck_leopard_level level, uint8_t *shard, size_t length, const ck_leopard_factors *factor) {
    BY_LEVEL(8, scale, shard, length, factor)
}

void ck_leopard16_scale(
    ck_leopard_level level, uint8_t *shard, size_t length, const ck_leopard_factors *factor) {
    size_t left = rest(level, length), done = length - left;
    BY_LEVEL(16, scale, shard, done, factor)
    if (left) ck_leopard16_scale_gfni256(shard + done, left, factor);
}
