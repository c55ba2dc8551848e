// SPDX-License-Identifier: Apache-2.0
//
// GF(2^16), the 32 symbols of a 64-byte piece at a time in plain C.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INLINED static inline
#define KERNEL
#define UNROLLED
#define NAMED(verb) ck_leopard16_##verb##_portable
#define LARGE_LAYERS 2
#define OWN_SCRATCH
#define RADIX 4
#define COLUMN 64
#include "include/ck_leopard.h"

typedef struct {
    uint8_t low[32], high[32];
} value;

INLINED value load(const uint8_t *from) {
    value loaded;
    memcpy(&loaded, from, COLUMN);
    return loaded;
}

INLINED void save(uint8_t *to, value from) { memcpy(to, &from, COLUMN); }

INLINED value load_kept(const uint8_t *from, uint8_t kept) {
    return kept ? load(from) : (value){{0}, {0}};
}

INLINED void save_lost(uint8_t *to, uint8_t kept, value from) {
    if (!kept) save(to, from);
}

INLINED value sum(value a, value b) {
    for (size_t i = 0; i < 32; i++) a.low[i] ^= b.low[i], a.high[i] ^= b.high[i];
    return a;
}

typedef const uint8_t *factor;

INLINED factor narrow_at(const ck_leopard_factors *factors, size_t index) {
    return factors->tables + 32 * index;
}

INLINED uint8_t mapped(uint8_t byte, factor table) {
    return table[byte & 15] ^ table[16 + (byte >> 4)];
}

INLINED value times_narrow(value a, factor table) {
    for (size_t i = 0; i < 32; i++) {
        a.low[i] = mapped(a.low[i], table);
        a.high[i] = mapped(a.high[i], table);
    }
    return a;
}

/// The high half changes the low one by one factor, and becomes its product by another.
INLINED value crossed(value a, factor added, factor becoming) {
    for (size_t i = 0; i < 32; i++) {
        a.low[i] ^= mapped(a.high[i], added);
        a.high[i] = mapped(a.high[i], becoming);
    }
    return a;
}

INLINED value load_paired(const uint8_t *from, const ck_leopard_plan *plan) {
    return crossed(load(from), narrow_at(&plan->pairing, 0), narrow_at(&plan->pairing, 1));
}

INLINED void save_paired(uint8_t *to, value from, const ck_leopard_plan *plan) {
    save(to, crossed(from, narrow_at(&plan->pairing, 2), narrow_at(&plan->pairing, 3)));
}

INLINED value times(value a, const ck_leopard_factors *factors, size_t index) {
    const uint8_t *table = factors->tables + 128 * index;
    value product;
    for (size_t i = 0; i < 32; i++) {
        unsigned n0 = a.low[i] & 15, n1 = a.low[i] >> 4, n2 = a.high[i] & 15, n3 = a.high[i] >> 4;
        product.low[i] = table[n0] ^ table[32 + n1] ^ table[64 + n2] ^ table[96 + n3];
        product.high[i] = table[16 + n0] ^ table[48 + n1] ^ table[80 + n2] ^ table[112 + n3];
    }
    return product;
}

#include "leopard_passes.h"
