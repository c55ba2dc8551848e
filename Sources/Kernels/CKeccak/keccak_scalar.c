// SPDX-License-Identifier: Apache-2.0
//
// The permutation on 64-bit words: in plain C, and with BMI's and-not and rotate.
#include "keccak_levels.h"

#define LANE uint64_t
#define XOR(a, b) ((a) ^ (b))
#define XOR5(a, b, c, d, e) ((a) ^ (b) ^ (c) ^ (d) ^ (e))
#define ROT(a, n) ((a) << (n) | (a) >> (64 - (n)))
#define CHI(a, b, c) ((a) ^ (~(b) & (c)))
#define CONSTANT(c) (c)

void ck_keccak_f_portable(uint64_t state[25]) { CK_KECCAK_ROUNDS(state); }

#if defined(__x86_64__)
__attribute__((target("bmi,bmi2"))) void ck_keccak_f_bmi(uint64_t state[25]) {
    CK_KECCAK_ROUNDS(state);
}
#else
void ck_keccak_f_bmi(uint64_t state[25]) { CK_KECCAK_ROUNDS(state); }
#endif
