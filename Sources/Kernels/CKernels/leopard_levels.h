// SPDX-License-Identifier: Apache-2.0
//
// The instances of leopard_passes.h that leopard.c chooses from.
#pragma once
#include "include/ck_leopard.h"

#define INSTANCE(field, level)                                                                     \
    void ck_leopard##field##_encode_##level(                                                       \
        const ck_leopard_plan *, const uint8_t *, size_t, uint8_t *, size_t, size_t, void *);      \
    void ck_leopard##field##_decode_##level(                                                       \
        const ck_leopard_plan *, uint8_t *, size_t, size_t, const uint8_t *,                       \
        const ck_leopard_factors *, const ck_leopard_factors *, void *);                           \
    void ck_leopard##field##_butterfly_##level(                                                    \
        bool, uint8_t *, uint8_t *, size_t, const ck_leopard_factors *);                           \
    void ck_leopard##field##_scale_##level(uint8_t *, size_t, const ck_leopard_factors *);

INSTANCE(8, portable)
INSTANCE(8, avx2)
INSTANCE(8, gfni512)
INSTANCE(16, portable)
INSTANCE(16, avx2)
INSTANCE(16, gfni256)
INSTANCE(16, gfni512)
