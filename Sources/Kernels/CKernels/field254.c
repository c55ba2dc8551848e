// SPDX-License-Identifier: Apache-2.0
//
// The field of the curve bn254 (EIP-196).
#include "include/ck_field.h"

#define FIELD ck_fp254
#define LIMBS 4
#define PRIME \
    { 0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029 }
#define INVERSE 0x87d20782e4866389
#include "field_products.h"
