// SPDX-License-Identifier: Apache-2.0
//
// The body of a field: included once for each prime, with FIELD, LIMBS, PRIME and INVERSE set.
// INVERSE is -1/prime modulo 2^64. The prime's highest limb is below 2^62, so that sums of four
// elements fit and a product needs no limb more than its factors.
#define JOINED(a, b) a##b
#define NAMED(a, b) JOINED(a, b)
#define ELEMENT FIELD
#define PAIR NAMED(FIELD, _pair)
#define FUNCTION(name) NAMED(FIELD, name)

typedef unsigned __int128 wide;

static const uint64_t prime[LIMBS] = PRIME;

// The element, less the prime if it is not below it.
static inline __attribute__((always_inline)) ELEMENT reduced(ELEMENT a) {
    ELEMENT less;
    uint64_t borrow = 0;
    for (int i = 0; i < LIMBS; i++) {
        wide difference = (wide)a.limb[i] - prime[i] - borrow;
        less.limb[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    uint64_t keep = 0 - borrow;
    for (int i = 0; i < LIMBS; i++)
        less.limb[i] = (a.limb[i] & keep) | (less.limb[i] & ~keep);
    return less;
}

static inline __attribute__((always_inline)) ELEMENT sum(ELEMENT a, ELEMENT b) {
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        wide total = (wide)a.limb[i] + b.limb[i] + carry;
        a.limb[i] = (uint64_t)total;
        carry = (uint64_t)(total >> 64);
    }
    return a;
}

static inline __attribute__((always_inline)) ELEMENT difference(ELEMENT a, ELEMENT b) {
    uint64_t borrow = 0;
    for (int i = 0; i < LIMBS; i++) {
        wide less = (wide)a.limb[i] - b.limb[i] - borrow;
        a.limb[i] = (uint64_t)less;
        borrow = (uint64_t)(less >> 64) & 1;
    }
    uint64_t mask = 0 - borrow, carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        wide total = (wide)a.limb[i] + (prime[i] & mask) + carry;
        a.limb[i] = (uint64_t)total;
        carry = (uint64_t)(total >> 64);
    }
    return a;
}

// Montgomery's product; factors may be sums of two elements.
static inline __attribute__((always_inline)) ELEMENT product(ELEMENT a, ELEMENT b) {
    ELEMENT t = {{0}};
#pragma clang loop unroll(full)
    for (int i = 0; i < LIMBS; i++) {
        wide upper = (wide)a.limb[0] * b.limb[i] + t.limb[0];
        uint64_t low = (uint64_t)upper;
        uint64_t factor = low * INVERSE;
        wide lower = (wide)factor * prime[0] + low;
#pragma clang loop unroll(full)
        for (int j = 1; j < LIMBS; j++) {
            upper = (wide)a.limb[j] * b.limb[i] + t.limb[j] + (uint64_t)(upper >> 64);
            lower = (wide)factor * prime[j] + (uint64_t)upper + (uint64_t)(lower >> 64);
            t.limb[j - 1] = (uint64_t)lower;
        }
        t.limb[LIMBS - 1] = (uint64_t)(upper >> 64) + (uint64_t)(lower >> 64);
    }
    return reduced(t);
}

ELEMENT FUNCTION(_add)(ELEMENT a, ELEMENT b) { return reduced(sum(a, b)); }

ELEMENT FUNCTION(_subtract)(ELEMENT a, ELEMENT b) { return difference(a, b); }

ELEMENT FUNCTION(_multiply)(ELEMENT a, ELEMENT b) { return product(a, b); }

PAIR FUNCTION(_pair_multiply)(PAIR a, PAIR b) {
    ELEMENT real = product(a.real, b.real);
    ELEMENT imaginary = product(a.imaginary, b.imaginary);
    ELEMENT both = product(sum(a.real, a.imaginary), sum(b.real, b.imaginary));
    PAIR result;
    result.real = difference(real, imaginary);
    result.imaginary = difference(difference(both, real), imaginary);
    return result;
}

PAIR FUNCTION(_pair_square)(PAIR a) {
    ELEMENT mixed = product(a.real, a.imaginary);
    PAIR result;
    result.real = product(sum(a.real, a.imaginary), difference(a.real, a.imaginary));
    result.imaginary = reduced(sum(mixed, mixed));
    return result;
}
