// SPDX-License-Identifier: Apache-2.0
//
// The transforms, once, for every instruction set. A file that includes this one has said what a
// `value` is (one column of a shard, in registers) and how it is loaded, saved, added (`sum`) and
// multiplied (`times`, or `times_narrow` by factors that are below 256); how many values fit in registers (RADIX); and the attributes of functions.
//
// Layers are run RADIX values at a time, log2(RADIX) layers a pass, so that a column of 128 points
// crosses the scratch only twice between its first load and its last store. There is no include
// guard: each kernel is one instance.
#include "include/ck_leopard.h"

#define UNROLLED _Pragma("clang loop unroll(full)")

/// Runs `call` with `count` as a constant, so that values stay in registers.
#define WITH_CONSTANT(count, call)                                                                 \
    switch (count) {                                                                               \
    case 2: call(2); break;                                                                        \
    case 4: if (RADIX >= 4) { call(4); } break;                                                    \
    case 8: if (RADIX >= 8) { call(8); } break;                                                    \
    case 16: if (RADIX >= 16) { call(16); } break;                                                 \
    default: break;                                                                                \
    }

/// Values to coefficients, layers of half-size 1, 2, … count / 2. `leaf` is the number of the first
/// factor of the first of these layers; factors of halves below `wide` may be 256 or more.
INLINED void inverse_layers(
    value *v, const size_t count, const ck_leopard_factors *factors, size_t leaf, size_t wide) {
    UNROLLED for (size_t half = 1; half < count; half *= 2) {
        bool is_narrow = half >= wide;
        UNROLLED for (size_t group = 0; group < count / (2 * half); group++) {
            size_t factor = leaf / half + group;
            UNROLLED for (size_t i = 0; i < half; i++) {
                value *lower = &v[group * 2 * half + i], *upper = lower + half;
                *upper = sum(*upper, *lower);
                *lower = sum(
                    *lower, is_narrow ? times_narrow(*upper, factors, factor)
                                      : times(*upper, factors, factor));
            }
        }
    }
}

/// Coefficients to values, the same layers in the other order.
INLINED void forward_layers(
    value *v, const size_t count, const ck_leopard_factors *factors, size_t leaf, size_t wide) {
    UNROLLED for (size_t half = count / 2; half >= 1; half /= 2) {
        bool is_narrow = half >= wide;
        UNROLLED for (size_t group = 0; group < count / (2 * half); group++) {
            size_t factor = leaf / half + group;
            UNROLLED for (size_t i = 0; i < half; i++) {
                value *lower = &v[group * 2 * half + i], *upper = lower + half;
                *lower = sum(
                    *lower, is_narrow ? times_narrow(*upper, factors, factor)
                                      : times(*upper, factors, factor));
                *upper = sum(*upper, *lower);
            }
        }
    }
}

/// One pass over the scratch: layers of half-size `step` … `step * count / 2`.
INLINED void inverse_pass(value *scratch, const ck_leopard_plan *plan, size_t step, const size_t count) {
    for (size_t block = 0; block < plan->count; block += step * count) {
        size_t leaf = (plan->count + block) / (2 * step);
        for (size_t at = block; at < block + step; at++) {
            value v[RADIX];
            UNROLLED for (size_t i = 0; i < count; i++) v[i] = scratch[at + i * step];
            inverse_layers(v, count, &plan->inverse, leaf, 0);
            UNROLLED for (size_t i = 0; i < count; i++) scratch[at + i * step] = v[i];
        }
    }
}

INLINED void forward_pass(value *scratch, const ck_leopard_plan *plan, size_t step, const size_t count) {
    for (size_t block = 0; block < plan->count; block += step * count) {
        size_t leaf = (plan->count + block) / (2 * step);
        for (size_t at = block; at < block + step; at++) {
            value v[RADIX];
            UNROLLED for (size_t i = 0; i < count; i++) v[i] = scratch[at + i * step];
            forward_layers(v, count, &plan->forward, leaf, 0);
            UNROLLED for (size_t i = 0; i < count; i++) scratch[at + i * step] = v[i];
        }
    }
}

/// The top layers of both transforms, in one pass.
INLINED void turning_pass(value *scratch, const ck_leopard_plan *plan, size_t step, const size_t count) {
    for (size_t at = 0; at < step; at++) {
        value v[RADIX];
        UNROLLED for (size_t i = 0; i < count; i++) v[i] = scratch[at + i * step];
        inverse_layers(v, count, &plan->inverse, plan->count / (2 * step), 0);
        forward_layers(v, count, &plan->forward, plan->count / (2 * step), 0);
        UNROLLED for (size_t i = 0; i < count; i++) scratch[at + i * step] = v[i];
    }
}

/// All points fit in registers.
INLINED void encode_small_column(
    const ck_leopard_plan *plan, const uint8_t *source, size_t source_stride, uint8_t *target,
    size_t target_stride, const size_t count) {
    value v[RADIX];
    UNROLLED for (size_t i = 0; i < count; i++) v[i] = load(source + i * source_stride);
    inverse_layers(v, count, &plan->inverse, count / 2, plan->inverse_wide);
    forward_layers(v, count, &plan->forward, count / 2, plan->forward_wide);
    UNROLLED for (size_t i = 0; i < count; i++) save(target + i * target_stride, v[i]);
}

INLINED void encode_column(
    const ck_leopard_plan *plan, const uint8_t *source, size_t source_stride, uint8_t *target,
    size_t target_stride, value *scratch) {
    for (size_t block = 0; block < plan->count; block += RADIX) {
        value v[RADIX];
        UNROLLED for (size_t i = 0; i < RADIX; i++)
            v[i] = load(source + (block + i) * source_stride);
        inverse_layers(v, RADIX, &plan->inverse, (plan->count + block) / 2, plan->inverse_wide);
        UNROLLED for (size_t i = 0; i < RADIX; i++) scratch[block + i] = v[i];
    }
    size_t step = RADIX;
    for (; step * RADIX < plan->count; step *= RADIX) inverse_pass(scratch, plan, step, RADIX);
#define TURN(constant) turning_pass(scratch, plan, step, constant)
    WITH_CONSTANT(plan->count / step, TURN)
#undef TURN
    for (step /= RADIX; step >= RADIX; step /= RADIX) forward_pass(scratch, plan, step, RADIX);
    for (size_t block = 0; block < plan->count; block += RADIX) {
        value v[RADIX];
        UNROLLED for (size_t i = 0; i < RADIX; i++) v[i] = scratch[block + i];
        forward_layers(v, RADIX, &plan->forward, (plan->count + block) / 2, plan->forward_wide);
        UNROLLED for (size_t i = 0; i < RADIX; i++) save(target + (block + i) * target_stride, v[i]);
    }
}

KERNEL void NAMED(encode)(
    const ck_leopard_plan *plan, const uint8_t *source, size_t source_stride, uint8_t *target,
    size_t target_stride, size_t length, void *scratch) {
    for (size_t at = 0; at + COLUMN <= length; at += COLUMN) {
        if (plan->count > RADIX) {
            encode_column(plan, source + at, source_stride, target + at, target_stride, scratch);
            continue;
        }
#define SMALL(constant)                                                                            \
    encode_small_column(plan, source + at, source_stride, target + at, target_stride, constant)
        WITH_CONSTANT(plan->count, SMALL)
#undef SMALL
    }
}

/// The formal derivative in this basis: each coefficient gains those that have one bit more.
INLINED void derive(value *scratch, size_t points, const size_t count) {
    for (size_t block = 0; block < points; block += count) {
        value v[RADIX];
        UNROLLED for (size_t i = 0; i < count; i++) v[i] = scratch[block + i];
        UNROLLED for (size_t i = 0; i < count; i++) {
            UNROLLED for (size_t bit = 1; bit < count; bit *= 2) {
                if ((i & bit) == 0) v[i] = sum(v[i], v[i | bit]);
            }
        }
        for (size_t bit = count; bit < points; bit *= 2) {
            if (block & bit) continue;
            UNROLLED for (size_t i = 0; i < count; i++)
                v[i] = sum(v[i], scratch[(block | bit) + i]);
        }
        UNROLLED for (size_t i = 0; i < count; i++) scratch[block + i] = v[i];
    }
}

/// What `decode` was asked.
typedef struct {
    const ck_leopard_plan *plan;
    uint8_t *shards;
    size_t stride;
    const uint8_t *kept;
    const ck_leopard_factors *before;
    const ck_leopard_factors *after;
} decoding;

/// `count` is the lesser of RADIX and the number of points.
INLINED void load_scaled(const decoding *asked, size_t at, value *scratch, const size_t count) {
    size_t points = asked->plan->count;
    for (size_t block = 0; block < points; block += count) {
        value v[RADIX];
        UNROLLED for (size_t i = 0; i < count; i++) {
            const uint8_t *shard = asked->shards + ((block + i) ^ points / 2) * asked->stride + at;
            v[i] = times(load_kept(shard, asked->kept[block + i]), asked->before, block + i);
        }
        inverse_layers(
            v, count, &asked->plan->inverse, (points + block) / 2, asked->plan->inverse_wide);
        UNROLLED for (size_t i = 0; i < count; i++) scratch[block + i] = v[i];
    }
}

INLINED void save_scaled(const decoding *asked, size_t at, const value *scratch, const size_t count) {
    size_t points = asked->plan->count;
    for (size_t block = 0; block < points; block += count) {
        value v[RADIX];
        UNROLLED for (size_t i = 0; i < count; i++) v[i] = scratch[block + i];
        forward_layers(
            v, count, &asked->plan->forward, (points + block) / 2, asked->plan->forward_wide);
        UNROLLED for (size_t i = 0; i < count; i++) {
            uint8_t *shard = asked->shards + ((block + i) ^ points / 2) * asked->stride + at;
            save_lost(shard, asked->kept[block + i], times(v[i], asked->after, block + i));
        }
    }
}

INLINED void decode_column(const decoding *asked, size_t at, value *scratch) {
    const ck_leopard_plan *plan = asked->plan;
    size_t points = plan->count, low = points < RADIX ? points : RADIX, step = low;
#define LOAD(constant) load_scaled(asked, at, scratch, constant)
    WITH_CONSTANT(low, LOAD)
#undef LOAD
    for (; step * RADIX <= points; step *= RADIX) inverse_pass(scratch, plan, step, RADIX);
#define INVERSE(constant) inverse_pass(scratch, plan, step, constant)
#define FORWARD(constant) forward_pass(scratch, plan, step, constant)
#define DERIVE(constant) derive(scratch, points, constant)
    WITH_CONSTANT(points / step, INVERSE)
    WITH_CONSTANT(low, DERIVE)
    WITH_CONSTANT(points / step, FORWARD)
#undef INVERSE
#undef FORWARD
#undef DERIVE
    for (step /= RADIX; step >= low; step /= RADIX)
        forward_pass(scratch, plan, step, RADIX);
#define SAVE(constant) save_scaled(asked, at, scratch, constant)
    WITH_CONSTANT(low, SAVE)
#undef SAVE
}

KERNEL void NAMED(decode)(
    const ck_leopard_plan *plan, uint8_t *shards, size_t stride, size_t length, const uint8_t *kept,
    const ck_leopard_factors *before, const ck_leopard_factors *after, void *scratch) {
    decoding asked = {plan, shards, stride, kept, before, after};
    for (size_t at = 0; at + COLUMN <= length; at += COLUMN) decode_column(&asked, at, scratch);
}

KERNEL void NAMED(butterfly)(
    bool is_inverse, uint8_t *lower, uint8_t *upper, size_t length,
    const ck_leopard_factors *factor) {
    for (size_t at = 0; at + COLUMN <= length; at += COLUMN) {
        value low = load(lower + at), high = load(upper + at);
        if (is_inverse) high = sum(high, low);
        low = sum(low, times(high, factor, 0));
        if (!is_inverse) high = sum(high, low);
        save(lower + at, low);
        save(upper + at, high);
    }
}

KERNEL void NAMED(scale)(uint8_t *shard, size_t length, const ck_leopard_factors *factor) {
    for (size_t at = 0; at + COLUMN <= length; at += COLUMN)
        save(shard + at, times(load(shard + at), factor, 0));
}
