// SPDX-License-Identifier: Apache-2.0
//
// GF(2^8), sixteen symbols at a time in plain C.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INLINED static inline
#define KERNEL
#define UNROLLED
#define NAMED(verb) ck_leopard8_##verb##_portable
#define LARGE_LAYERS 0
#define OWN_SCRATCH value own[256]; scratch = own;
#define RADIX 2
#define COLUMN 16
#include "include/ck_leopard.h"

typedef struct {
    uint8_t symbols[COLUMN];
} value;

INLINED value load(const uint8_t *from) {
    value loaded;
    memcpy(loaded.symbols, from, COLUMN);
    return loaded;
}

INLINED void save(uint8_t *to, value from) { memcpy(to, from.symbols, COLUMN); }

INLINED value load_kept(const uint8_t *from, uint8_t kept) {
    return kept ? load(from) : (value){{0}};
}

INLINED void save_lost(uint8_t *to, uint8_t kept, value from) {
    if (!kept) save(to, from);
}

INLINED value sum(value a, value b) {
    for (size_t i = 0; i < COLUMN; i++) a.symbols[i] ^= b.symbols[i];
    return a;
}

typedef const uint8_t *factor;

INLINED factor narrow_at(const ck_leopard_factors *factors, size_t index) {
    return factors->tables + 32 * index;
}

INLINED value times_narrow(value a, factor table) {
    for (size_t i = 0; i < COLUMN; i++)
        a.symbols[i] = table[a.symbols[i] & 15] ^ table[16 + (a.symbols[i] >> 4)];
    return a;
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
