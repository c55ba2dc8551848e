// SPDX-License-Identifier: Apache-2.0
//
// What the files of this kernel share: the rounds, written once over a lane type and six lane
// operations, and the places of a message in its blocks.
#pragma once
#include "include/CKeccak.h"
#include <string.h>

#define CK_KECCAK_RATE 136
#define CK_KECCAK_WORDS 17

static const uint64_t ck_keccak_round[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

/// The last block of a message: its tail, the two padding bits, zeros between.
static inline void ck_keccak_tail(const uint8_t *tail, size_t size, uint8_t *block) {
    memset(block, 0, CK_KECCAK_RATE);
    if (size > 0) memcpy(block, tail, size);
    block[size] = 0x01;
    block[CK_KECCAK_RATE - 1] |= 0x80;
}

/// One round from state `A` to state `E`: theta, rho, pi, chi, iota. A state is 25 local lanes
/// named by row (b, g, k, m, s) and column (a, e, i, o, u). NOTAND(x, y) is ~x & y.
#define CK_KECCAK_STEP(A, E, r)                                                                  \
    do {                                                                                         \
        LANE Ca = XOR5(A##ba, A##ga, A##ka, A##ma, A##sa);                                       \
        LANE Ce = XOR5(A##be, A##ge, A##ke, A##me, A##se);                                       \
        LANE Ci = XOR5(A##bi, A##gi, A##ki, A##mi, A##si);                                       \
        LANE Co = XOR5(A##bo, A##go, A##ko, A##mo, A##so);                                       \
        LANE Cu = XOR5(A##bu, A##gu, A##ku, A##mu, A##su);                                       \
        LANE Da = XOR(Cu, ROT(Ce, 1)), De = XOR(Ca, ROT(Ci, 1)), Di = XOR(Ce, ROT(Co, 1));       \
        LANE Do = XOR(Ci, ROT(Cu, 1)), Du = XOR(Co, ROT(Ca, 1));                                 \
        LANE Ba, Be, Bi, Bo, Bu;                                                                 \
        Ba = XOR(A##ba, Da), Be = ROT(XOR(A##ge, De), 44), Bi = ROT(XOR(A##ki, Di), 43);         \
        Bo = ROT(XOR(A##mo, Do), 21), Bu = ROT(XOR(A##su, Du), 14);                              \
        E##ba = XOR(CHI(Ba, Be, Bi), CONSTANT(ck_keccak_round[r]));                              \
        E##be = CHI(Be, Bi, Bo), E##bi = CHI(Bi, Bo, Bu);                                        \
        E##bo = CHI(Bo, Bu, Ba), E##bu = CHI(Bu, Ba, Be);                                        \
        Ba = ROT(XOR(A##bo, Do), 28), Be = ROT(XOR(A##gu, Du), 20), Bi = ROT(XOR(A##ka, Da), 3); \
        Bo = ROT(XOR(A##me, De), 45), Bu = ROT(XOR(A##si, Di), 61);                              \
        E##ga = CHI(Ba, Be, Bi), E##ge = CHI(Be, Bi, Bo), E##gi = CHI(Bi, Bo, Bu);               \
        E##go = CHI(Bo, Bu, Ba), E##gu = CHI(Bu, Ba, Be);                                        \
        Ba = ROT(XOR(A##be, De), 1), Be = ROT(XOR(A##gi, Di), 6), Bi = ROT(XOR(A##ko, Do), 25);  \
        Bo = ROT(XOR(A##mu, Du), 8), Bu = ROT(XOR(A##sa, Da), 18);                               \
        E##ka = CHI(Ba, Be, Bi), E##ke = CHI(Be, Bi, Bo), E##ki = CHI(Bi, Bo, Bu);               \
        E##ko = CHI(Bo, Bu, Ba), E##ku = CHI(Bu, Ba, Be);                                        \
        Ba = ROT(XOR(A##bu, Du), 27), Be = ROT(XOR(A##ga, Da), 36), Bi = ROT(XOR(A##ke, De), 10);\
        Bo = ROT(XOR(A##mi, Di), 15), Bu = ROT(XOR(A##so, Do), 56);                              \
        E##ma = CHI(Ba, Be, Bi), E##me = CHI(Be, Bi, Bo), E##mi = CHI(Bi, Bo, Bu);               \
        E##mo = CHI(Bo, Bu, Ba), E##mu = CHI(Bu, Ba, Be);                                        \
        Ba = ROT(XOR(A##bi, Di), 62), Be = ROT(XOR(A##go, Do), 55), Bi = ROT(XOR(A##ku, Du), 39);\
        Bo = ROT(XOR(A##ma, Da), 41), Bu = ROT(XOR(A##se, De), 2);                               \
        E##sa = CHI(Ba, Be, Bi), E##se = CHI(Be, Bi, Bo), E##si = CHI(Bi, Bo, Bu);               \
        E##so = CHI(Bo, Bu, Ba), E##su = CHI(Bu, Ba, Be);                                        \
    } while (0)

#define CK_KECCAK_NAMES(X)                                                                       \
    X##ba, X##be, X##bi, X##bo, X##bu, X##ga, X##ge, X##gi, X##go, X##gu, X##ka, X##ke, X##ki,   \
        X##ko, X##ku, X##ma, X##me, X##mi, X##mo, X##mu, X##sa, X##se, X##si, X##so, X##su

/// All 24 rounds on `state[25]` of lanes, kept in locals.
#define CK_KECCAK_ROUNDS(state)                                                                  \
    do {                                                                                         \
        LANE Aba = state[0], Abe = state[1], Abi = state[2], Abo = state[3], Abu = state[4];     \
        LANE Aga = state[5], Age = state[6], Agi = state[7], Ago = state[8], Agu = state[9];     \
        LANE Aka = state[10], Ake = state[11], Aki = state[12], Ako = state[13];                 \
        LANE Aku = state[14], Ama = state[15], Ame = state[16], Ami = state[17];                 \
        LANE Amo = state[18], Amu = state[19], Asa = state[20], Ase = state[21];                 \
        LANE Asi = state[22], Aso = state[23], Asu = state[24];                                  \
        LANE CK_KECCAK_NAMES(E);                                                                 \
        for (int r = 0; r < 24; r += 2) {                                                        \
            CK_KECCAK_STEP(A, E, r);                                                             \
            CK_KECCAK_STEP(E, A, r + 1);                                                         \
        }                                                                                        \
        state[0] = Aba, state[1] = Abe, state[2] = Abi, state[3] = Abo, state[4] = Abu;          \
        state[5] = Aga, state[6] = Age, state[7] = Agi, state[8] = Ago, state[9] = Agu;          \
        state[10] = Aka, state[11] = Ake, state[12] = Aki, state[13] = Ako, state[14] = Aku;     \
        state[15] = Ama, state[16] = Ame, state[17] = Ami, state[18] = Amo, state[19] = Amu;     \
        state[20] = Asa, state[21] = Ase, state[22] = Asi, state[23] = Aso, state[24] = Asu;     \
    } while (0)

void ck_keccak_f_portable(uint64_t state[25]);
void ck_keccak_f_bmi(uint64_t state[25]);
/// Eight or four messages side by side; each takes part until its own last block.
void ck_keccak256_eight(const uint8_t *const *messages, const size_t *lengths, uint8_t *digests);
void ck_keccak256_four(const uint8_t *const *messages, const size_t *lengths, uint8_t *digests);
