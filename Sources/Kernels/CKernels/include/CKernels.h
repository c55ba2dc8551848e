// SPDX-License-Identifier: Apache-2.0
//
// The C that makes Swift definitions fast. Every function here is pure on the bytes it is given:
// no allocation, no state, no I/O, no failure. Pointers need no alignment unless a contract says
// so; sources and targets do not overlap unless a contract says that they may.
#pragma once
#include "ck_field.h"
#include "ck_leopard.h"
#include "ck_sidecar.h"
#include "ck_sha256.h"
