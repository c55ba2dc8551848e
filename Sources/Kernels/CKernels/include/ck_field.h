// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic in the prime fields of the curves bn254 and BLS12-381, and in their extensions by the
// square root of -1. Elements are in Montgomery's form, a * 2^(64 * limbs) modulo the prime, low limb
// first, and below the prime; so are all results. Nothing here hides the time it takes.
#pragma once
#include <stdint.h>

typedef struct { uint64_t limb[4]; } ck_fp254;
typedef struct { ck_fp254 real, imaginary; } ck_fp254_pair;
typedef struct { uint64_t limb[6]; } ck_fp381;
typedef struct { ck_fp381 real, imaginary; } ck_fp381_pair;

ck_fp254 ck_fp254_add(ck_fp254 a, ck_fp254 b);
ck_fp254 ck_fp254_subtract(ck_fp254 a, ck_fp254 b);
ck_fp254 ck_fp254_multiply(ck_fp254 a, ck_fp254 b);
ck_fp254_pair ck_fp254_pair_multiply(ck_fp254_pair a, ck_fp254_pair b);
ck_fp254_pair ck_fp254_pair_square(ck_fp254_pair a);

ck_fp381 ck_fp381_add(ck_fp381 a, ck_fp381 b);
ck_fp381 ck_fp381_subtract(ck_fp381 a, ck_fp381 b);
ck_fp381 ck_fp381_multiply(ck_fp381 a, ck_fp381 b);
ck_fp381_pair ck_fp381_pair_multiply(ck_fp381_pair a, ck_fp381_pair b);
ck_fp381_pair ck_fp381_pair_square(ck_fp381_pair a);
