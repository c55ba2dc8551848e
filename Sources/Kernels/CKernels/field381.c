// SPDX-License-Identifier: Apache-2.0
//
// The field of the curve BLS12-381 (EIP-2537).
#include "include/ck_field.h"

#define FIELD ck_fp381
#define LIMBS 6
#define PRIME \
    { 0xb9feffffffffaaab, 0x1eabfffeb153ffff, 0x6730d2a0f6b0f624, 0x64774b84f38512bf, \
      0x4b1ba7b6434bacd7, 0x1a0111ea397fe69a }
#define INVERSE 0x89f3fffcfffcfffd
#include "field_products.h"
