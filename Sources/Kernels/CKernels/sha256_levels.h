// SPDX-License-Identifier: Apache-2.0
//
// What the levels of SHA-256 share: the constants and the signatures that dispatch.c chooses from.
#pragma once
#include "include/ck_sha256.h"

extern const uint32_t ck_sha256_initial[8];
extern const uint32_t ck_sha256_rounds[64];

void ck_sha256_compress_portable(uint32_t state[8], const uint8_t *blocks, size_t count);
void ck_sha256_interleaved_shani(
    uint32_t (*states)[8], const uint8_t *const *messages, size_t lanes, size_t count);

void ck_nmt_leaves_avx512(
    const uint8_t *shares, size_t share_stride, const uint8_t *namespaces, size_t namespace_stride,
    size_t lanes, uint8_t *digests);
void ck_nmt_nodes_avx512(
    const uint8_t *pairs, size_t lanes, uint8_t *digests, size_t digest_stride);
