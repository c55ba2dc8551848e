// SPDX-License-Identifier: Apache-2.0
//
// GF(2^8), 64 symbols at a time: a product in any basis is one 8 × 8 bit matrix.
#include <immintrin.h>

#define KERNEL __attribute__((target("avx512f,avx512bw,avx512vl,gfni")))
#define INLINED KERNEL __attribute__((always_inline)) static inline
#define NAMED(verb) ck_leopard8_##verb##_gfni512
#define LARGE_LAYERS 0
#define OWN_SCRATCH value own[256]; scratch = own;
#define RADIX 16
#define COLUMN 64
#include "include/ck_leopard.h"

typedef __m512i value;

INLINED value load(const uint8_t *from) { return _mm512_loadu_si512(from); }

INLINED void save(uint8_t *to, value from) { _mm512_storeu_si512(to, from); }

INLINED value load_kept(const uint8_t *from, uint8_t kept) {
    return _mm512_maskz_loadu_epi64(kept, from);
}

INLINED void save_lost(uint8_t *to, uint8_t kept, value from) {
    _mm512_mask_storeu_epi64(to, (__mmask8)~kept, from);
}

INLINED value sum(value a, value b) { return _mm512_xor_si512(a, b); }

typedef __m512i factor;

INLINED factor narrow_at(const ck_leopard_factors *factors, size_t index) {
    return _mm512_set1_epi64((long long)factors->matrices[index]);
}

INLINED value times_narrow(value a, factor by) {
    return _mm512_gf2p8affine_epi64_epi8(a, by, 0);
}

INLINED value times(value a, const ck_leopard_factors *factors, size_t index) {
    return times_narrow(a, narrow_at(factors, index));
}

INLINED value load_paired(const uint8_t *from, const ck_leopard_plan *plan) {
    (void)plan;
    return load(from);
}

INLINED void save_paired(uint8_t *to, value from, const ck_leopard_plan *plan) {
    (void)plan;
    save(to, from);
}

#include "leopard_passes.h"
