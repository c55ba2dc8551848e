// SPDX-License-Identifier: Apache-2.0
//
// The transforms, once, for every instruction set. A file that includes this one has said what a
// `value` is (one column of a shard, in registers) and how it is loaded, saved, added (`sum`) and
// multiplied: `times` any factor of a list, or `times_narrow` one below 256 that `narrow_at` has
// loaded. Narrow products need values in the form of `load_paired` and `save_paired`. It has also
// said how many values fit in registers (RADIX), up to which half-size layers may have large
// factors (LARGE_LAYERS: 2 over GF(2^16), where RADIX is 4 or more; else 0), what replaces the
// caller's scratch (OWN_SCRATCH, where all points fit on the stack), and the attributes of functions.
//
// Layers are run RADIX values at a time, log2(RADIX) layers a pass, so that a column of 128 points
// crosses the scratch only twice between its first load and its last store. There is no include
// guard: each kernel is one instance.
#include "include/ck_leopard.h"

#ifndef UNROLLED
#define UNROLLED _Pragma("clang loop unroll(full)")
#endif

/// Runs `call` with `count` as a constant, so that values stay in registers.
#define WITH_CONSTANT(count, call)                                                                 \
    switch (count) {                                                                               \
    case 2: call(2); break;                                                                        \
    case 4: if (RADIX >= 4) { call(4); } break;                                                    \
    case 8: if (RADIX >= 8) { call(8); } break;                                                    \
    case 16: if (RADIX >= 16) { call(16); } break;                                                 \
    default: break;                                                                                \
    }

/// Which factors a run of layers multiplies by.
typedef struct {
    const ck_leopard_factors *factors;
    /// Those that may be 256 or more.
    const ck_leopard_factors *large;
    /// The number of the first factor of its first layer.
    size_t leaf;
    /// Layers of a half-size below this have large ones.
    size_t wide;
    /// Whether the first factor of every layer is zero, as at the first points of all.
    bool starts_at_zero;
} layers;

/// Factors that many runs share, loaded once; in the order of `layers`, from number 1.
INLINED void load_factors(factor *loaded, layers run, const size_t count) {
    UNROLLED for (size_t half = 1; half < count; half *= 2) {
        UNROLLED for (size_t group = 0; group < count / (2 * half); group++) {
            loaded[count / (2 * half) + group] =
                narrow_at(run.factors, run.leaf / half + group);
        }
    }
}

/// The product by a factor of one layer: loaded before, or now.
INLINED value product(
    value upper, const layers run, const size_t count, const size_t half, const size_t group,
    const factor *loaded) {
    if (loaded) return times_narrow(upper, loaded[count / (2 * half) + group]);
    size_t number = run.leaf / half + group;
    if (LARGE_LAYERS >= half && half < run.wide) return times(upper, run.large, number);
    return times_narrow(upper, narrow_at(run.factors, number));
}

/// Values to coefficients, layers of half-size 1, 2, … count / 2.
INLINED void inverse_layers(
    value *v, const size_t count, const layers run, const bool skips, const factor *loaded) {
    UNROLLED for (size_t half = 1; half < count; half *= 2) {
        UNROLLED for (size_t group = 0; group < count / (2 * half); group++) {
            UNROLLED for (size_t i = 0; i < half; i++) {
                value *lower = &v[group * 2 * half + i], *upper = lower + half;
                *upper = sum(*upper, *lower);
                if (!skips || group > 0)
                    *lower = sum(*lower, product(*upper, run, count, half, group, loaded));
            }
        }
    }
}

/// Coefficients to values, the same layers in the other order.
INLINED void forward_layers(
    value *v, const size_t count, const layers run, const bool skips, const factor *loaded) {
    UNROLLED for (size_t half = count / 2; half >= 1; half /= 2) {
        UNROLLED for (size_t group = 0; group < count / (2 * half); group++) {
            UNROLLED for (size_t i = 0; i < half; i++) {
                value *lower = &v[group * 2 * half + i], *upper = lower + half;
                if (!skips || group > 0)
                    *lower = sum(*lower, product(*upper, run, count, half, group, loaded));
                *upper = sum(*upper, *lower);
            }
        }
    }
}

/// The layers of the points from `block` on, the first of half-size `step`.
INLINED layers inverse_of(const ck_leopard_plan *plan, size_t block, size_t step) {
    return (layers){
        &plan->inverse, &plan->inverse_large, (plan->count + block) / (2 * step),
        step == 1 ? plan->inverse_wide : 0,
        plan->is_inverse_from_zero && block == 0};
}

INLINED layers forward_of(const ck_leopard_plan *plan, size_t block, size_t step) {
    return (layers){
        &plan->forward, &plan->forward_large, (plan->count + block) / (2 * step),
        step == 1 ? plan->forward_wide : 0,
        plan->is_forward_from_zero && block == 0};
}

/// One pass over the scratch: layers of half-size `step` … `step * count / 2`.
INLINED void inverse_pass(
    value *scratch, const ck_leopard_plan *plan, size_t step, const size_t count) {
    for (size_t block = 0; block < plan->count; block += step * count) {
        layers run = inverse_of(plan, block, step);
        run.wide = 0;
        factor loaded[RADIX];
        load_factors(loaded, run, count);
        for (size_t at = block; at < block + step; at++) {
            value v[RADIX];
            UNROLLED for (size_t i = 0; i < count; i++) v[i] = scratch[at + i * step];
            inverse_layers(v, count, run, false, loaded);
            UNROLLED for (size_t i = 0; i < count; i++) scratch[at + i * step] = v[i];
        }
    }
}

INLINED void forward_pass(
    value *scratch, const ck_leopard_plan *plan, size_t step, const size_t count) {
    for (size_t block = 0; block < plan->count; block += step * count) {
        layers run = forward_of(plan, block, step);
        run.wide = 0;
        factor loaded[RADIX];
        load_factors(loaded, run, count);
        for (size_t at = block; at < block + step; at++) {
            value v[RADIX];
            UNROLLED for (size_t i = 0; i < count; i++) v[i] = scratch[at + i * step];
            if (run.starts_at_zero) forward_layers(v, count, run, true, loaded);
            else forward_layers(v, count, run, false, loaded);
            UNROLLED for (size_t i = 0; i < count; i++) scratch[at + i * step] = v[i];
        }
    }
}

/// Shards that are worked on after this pass.
typedef struct {
    const uint8_t *shards;
    size_t stride;
} coming;

/// Calls some of the first half of shards into the nearest cache: in `step` turns, all of it. Only
/// half, because a power of two lies between shards, and all of one column share so few places
/// there that they would drive one another out. Where the pass has two values, shards are few or
/// products dear, and calls only cost.
INLINED void call_early(coming next, size_t turn, const size_t count) {
    if (count < 4) return;
    const uint8_t *shards = next.shards + turn * (count / 2) * next.stride;
    UNROLLED for (size_t i = 0; i < count / 2; i++) __builtin_prefetch(shards + i * next.stride);
}

/// The top layers of both transforms, in one pass. It alone touches no shard, so the shards before
/// and after it, which the other passes would wait for, are called meanwhile.
INLINED void turning_pass(
    value *scratch, const ck_leopard_plan *plan, size_t step, const size_t count,
    const bool skips, coming target, coming source) {
    layers down = inverse_of(plan, 0, step), up = forward_of(plan, 0, step);
    factor loaded_down[RADIX], loaded_up[RADIX];
    down.wide = up.wide = 0;
    load_factors(loaded_down, down, count);
    load_factors(loaded_up, up, count);
    for (size_t at = 0; at < step; at++) {
        value v[RADIX];
        call_early(target, at, count);
        call_early(source, at, count);
        UNROLLED for (size_t i = 0; i < count; i++) v[i] = scratch[at + i * step];
        inverse_layers(v, count, down, false, loaded_down);
        forward_layers(v, count, up, skips, loaded_up);
        UNROLLED for (size_t i = 0; i < count; i++) scratch[at + i * step] = v[i];
    }
}

/// All points fit in registers.
INLINED void encode_small(
    const ck_leopard_plan *plan, const uint8_t *source, size_t from, uint8_t *target, size_t to,
    size_t length, const size_t count) {
    for (size_t at = 0; at + COLUMN <= length; at += COLUMN) {
        value v[RADIX];
        UNROLLED for (size_t i = 0; i < count; i++)
            v[i] = load_paired(source + at + i * from, plan);
        inverse_layers(v, count, inverse_of(plan, 0, 1), false, NULL);
        forward_layers(v, count, forward_of(plan, 0, 1), false, NULL);
        UNROLLED for (size_t i = 0; i < count; i++) save_paired(target + at + i * to, v[i], plan);
    }
}

/// The first layers, from a shard to the scratch.
INLINED void load_block(
    const ck_leopard_plan *plan, const uint8_t *source, size_t stride, value *scratch,
    size_t block) {
    value v[RADIX];
    UNROLLED for (size_t i = 0; i < RADIX; i++) v[i] = load_paired(source + i * stride, plan);
    inverse_layers(v, RADIX, inverse_of(plan, block, 1), false, NULL);
    UNROLLED for (size_t i = 0; i < RADIX; i++) scratch[i] = v[i];
}

/// The last layers, from the scratch to a shard.
INLINED void save_block(
    const ck_leopard_plan *plan, uint8_t *target, size_t stride, const value *scratch,
    size_t block, const bool skips) {
    value v[RADIX];
    UNROLLED for (size_t i = 0; i < RADIX; i++) v[i] = scratch[i];
    forward_layers(v, RADIX, forward_of(plan, block, 1), skips, NULL);
    UNROLLED for (size_t i = 0; i < RADIX; i++) save_paired(target + i * stride, v[i], plan);
}

INLINED void encode_column(
    const ck_leopard_plan *plan, const uint8_t *source, const size_t source_stride,
    uint8_t *target, const size_t target_stride, value *scratch) {
    size_t count = plan->count, step = RADIX;
    bool skips = plan->is_forward_from_zero;
    coming written = {target, target_stride}, read = {source + COLUMN, source_stride};
    for (size_t block = 0; block < count; block += RADIX)
        load_block(plan, source + block * source_stride, source_stride, scratch + block, block);
    for (; step * RADIX < count; step *= RADIX) inverse_pass(scratch, plan, step, RADIX);
#define TURN(constant)                                                                             \
    if (skips) turning_pass(scratch, plan, step, constant, true, written, read);                   \
    else turning_pass(scratch, plan, step, constant, false, written, read)
    WITH_CONSTANT(count / step, TURN)
#undef TURN
    for (step /= RADIX; step >= RADIX; step /= RADIX) forward_pass(scratch, plan, step, RADIX);
    if (skips) save_block(plan, target, target_stride, scratch, 0, true);
    for (size_t block = skips ? RADIX : 0; block < count; block += RADIX)
        save_block(
            plan, target + block * target_stride, target_stride, scratch + block, block, false);
}

/// More points than fit in registers. A function of its own for each distance of shards, so that
/// what one of them prepares costs the others nothing.
#define ENCODE_LARGE(name, source_stride, target_stride)                                           \
    KERNEL __attribute__((noinline)) static void name(                                             \
        const ck_leopard_plan *plan, const uint8_t *source, size_t from, uint8_t *target,          \
        size_t to, size_t length, value *scratch) {                                                \
        (void)from, (void)to;                                                                      \
        for (size_t at = 0; at + COLUMN <= length; at += COLUMN)                                   \
            encode_column(plan, source + at, source_stride, target + at, target_stride, scratch);  \
    }
ENCODE_LARGE(encode_row, 512, 512)
ENCODE_LARGE(encode_tile, CK_LEOPARD_TILE_STRIDE, CK_LEOPARD_TILE_STRIDE)
ENCODE_LARGE(encode_any, from, to)

KERNEL void NAMED(encode)(
    const ck_leopard_plan *plan, const uint8_t *source, size_t source_stride, uint8_t *target,
    size_t target_stride, size_t length, void *scratch) {
    OWN_SCRATCH
    if (plan->count > RADIX) {
        // Where the distance is a constant, shards need no address each.
        const bool is_even = source_stride == target_stride;
        if (is_even && source_stride == 512)
            encode_row(plan, source, 512, target, 512, length, scratch);
        else if (is_even && source_stride == CK_LEOPARD_TILE_STRIDE)
            encode_tile(plan, source, source_stride, target, target_stride, length, scratch);
        else encode_any(plan, source, source_stride, target, target_stride, length, scratch);
        return;
    }
#define SMALL(constant)                                                                            \
    encode_small(plan, source, source_stride, target, target_stride, length, constant)
    WITH_CONSTANT(plan->count, SMALL)
#undef SMALL
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
        inverse_layers(v, count, inverse_of(asked->plan, block, 1), false, NULL);
        UNROLLED for (size_t i = 0; i < count; i++) scratch[block + i] = v[i];
    }
}

INLINED void save_scaled(
    const decoding *asked, size_t at, const value *scratch, const size_t count) {
    size_t points = asked->plan->count;
    for (size_t block = 0; block < points; block += count) {
        value v[RADIX];
        UNROLLED for (size_t i = 0; i < count; i++) v[i] = scratch[block + i];
        forward_layers(v, count, forward_of(asked->plan, block, 1), false, NULL);
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
    OWN_SCRATCH
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
