// SPDX-License-Identifier: Apache-2.0
//
// What this processor can run. The compiler's run-time library asks it once, before `main`.
#include "include/CKernels.h"

bool ck_sha256_supports(ck_sha256_level level) {
    bool streams = __builtin_cpu_supports("sha") && __builtin_cpu_supports("sse4.1");
    switch (level) {
    case CK_SHA256_PORTABLE: return true;
    case CK_SHA256_SHANI: return streams;
    case CK_SHA256_AVX512:
        return streams && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    default: return false;
    }
}

ck_sha256_level ck_sha256_best(void) {
    if (ck_sha256_supports(CK_SHA256_AVX512)) return CK_SHA256_AVX512;
    return ck_sha256_supports(CK_SHA256_SHANI) ? CK_SHA256_SHANI : CK_SHA256_PORTABLE;
}

bool ck_leopard_supports(ck_leopard_level level) {
    bool wide = __builtin_cpu_supports("avx2");
    switch (level) {
    case CK_LEOPARD_PORTABLE: return true;
    case CK_LEOPARD_AVX2: return wide;
    case CK_LEOPARD_GFNI512:
        return wide && __builtin_cpu_supports("gfni") && __builtin_cpu_supports("avx512f")
            && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    default: return false;
    }
}
