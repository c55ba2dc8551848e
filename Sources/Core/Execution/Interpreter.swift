// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// Running instructions.
///
/// This one function is as long as the instruction set: counter, stack, gas and memory must be its
/// local variables, which measured a third faster than anything else. Whatever enters or leaves a
/// frame, or is rare, puts the locals down in the frame and goes through `slow` or `leave`.
extension Machine {
    /// Runs the frame at depth 0 until it ends; what it gave back is in `output`.
    func run() -> Ending {
        let schedule = schedule
        let journal = journal
        while true {
            let frame = frame
            var pc = frame.pointee.counter
            var sp = frame.pointee.top
            var gas = frame.pointee.gas
            var size = frame.pointee.memorySize
            var memory = memory + frame.pointee.memoryStart
            let floor = frame.pointee.floor
            var ending = Ending.failure
            var isLeaving = true
            var outputStart = UInt256.zero
            var outputLength = UInt256.zero

            instructions: while true {
                let op = pc.pointee
                let entry = schedule[Int(op)]
                let height = UInt64(UInt(bitPattern: sp) &- UInt(bitPattern: floor))
                gas &-= Int64(entry & 0xffff)
                guard height >= entry >> 16 & 0xffff, height <= entry >> 32, gas >= 0 else {
                    break instructions
                }
                pc += 1
                switch op {
                case 0x00:
                    ending = .success
                    break instructions
                case 0x01:
                    sp -= 1
                    sp[0] = sp[1] &+ sp[0]
                case 0x02:
                    sp -= 1
                    sp[0] = sp[1] &* sp[0]
                case 0x03:
                    sp -= 1
                    sp[0] = sp[1] &- sp[0]
                case 0x04:
                    sp -= 1
                    sp[0] = sp[1] / sp[0]
                case 0x05:
                    sp -= 1
                    sp[0] = sp[1].signedDivided(by: sp[0])
                case 0x06:
                    sp -= 1
                    sp[0] = sp[1] % sp[0]
                case 0x07:
                    sp -= 1
                    sp[0] = sp[1].signedRemainder(sp[0])
                case 0x08:
                    sp -= 2
                    sp[0] = sp[2].adding(sp[1], modulo: sp[0])
                case 0x09:
                    sp -= 2
                    sp[0] = sp[2].multiplied(by: sp[1], modulo: sp[0])
                case 0x0a:
                    sp -= 1
                    let perByte: Int64 = fork >= .spuriousDragon ? 50 : 10
                    gas &-= perByte &* Int64(sp[0].byteCount)
                    if gas < 0 { break instructions }
                    sp[0] = sp[1].power(sp[0])
                case 0x0b:
                    sp -= 1
                    sp[0] = sp[0].signExtended(fromByte: sp[1])
                case 0x10:
                    sp -= 1
                    sp[0] = UInt256(sp[1] < sp[0])
                case 0x11:
                    sp -= 1
                    sp[0] = UInt256(sp[0] < sp[1])
                case 0x12:
                    sp -= 1
                    sp[0] = UInt256(UInt256.signedLess(sp[1], sp[0]))
                case 0x13:
                    sp -= 1
                    sp[0] = UInt256(UInt256.signedLess(sp[0], sp[1]))
                case 0x14:
                    sp -= 1
                    sp[0] = UInt256(sp[1] == sp[0])
                case 0x15: sp[0] = UInt256(sp[0].isZero)
                case 0x16:
                    sp -= 1
                    sp[0] = sp[1] & sp[0]
                case 0x17:
                    sp -= 1
                    sp[0] = sp[1] | sp[0]
                case 0x18:
                    sp -= 1
                    sp[0] = sp[1] ^ sp[0]
                case 0x19: sp[0] = ~sp[0]
                case 0x1a:
                    sp -= 1
                    sp[0] = sp[0].byte(sp[1])
                case 0x1b:
                    sp -= 1
                    sp[0] = sp[0] << sp[1].clamped
                case 0x1c:
                    sp -= 1
                    sp[0] = sp[0] >> sp[1].clamped
                case 0x1d:
                    sp -= 1
                    sp[0] = sp[0].signedShiftRight(sp[1].clamped)
                case 0x1e: sp[0] = UInt256(UInt64(sp[0].leadingZeroBitCount))
                case 0x20:
                    sp -= 1
                    let offset = sp[1], length = sp[0]
                    guard reach(offset, length, &gas, &size, &memory) else { break instructions }
                    gas &-= 6 &* Self.words(length.w0)
                    if gas < 0 { break instructions }
                    sp[0] = Self.keccak(memory + Int(truncatingIfNeeded: offset.w0), length.w0)
                case 0x30:
                    sp += 1
                    sp[0] = frame.pointee.address.word
                case 0x32:
                    sp += 1
                    sp[0] = origin.word
                case 0x33:
                    sp += 1
                    sp[0] = frame.pointee.caller.word
                case 0x34:
                    sp += 1
                    sp[0] = frame.pointee.value
                case 0x35: sp[0] = inputWord(sp[0])
                case 0x36:
                    sp += 1
                    sp[0] = UInt256(UInt64(frame.pointee.inputSize))
                case 0x37:
                    sp -= 3
                    guard reach(sp[3], sp[1], &gas, &size, &memory) else { break instructions }
                    gas &-= 3 &* Self.words(sp[1].w0)
                    if gas < 0 { break instructions }
                    copyInput(memory, sp[3], sp[2], sp[1])
                case 0x38:
                    sp += 1
                    sp[0] = UInt256(UInt64(frame.pointee.codeSize))
                case 0x39:
                    sp -= 3
                    guard reach(sp[3], sp[1], &gas, &size, &memory) else { break instructions }
                    gas &-= 3 &* Self.words(sp[1].w0)
                    if gas < 0 { break instructions }
                    Self.copy(
                        to: memory, sp[3], from: frame.pointee.code, frame.pointee.codeSize, sp[2],
                        sp[1])
                case 0x3a:
                    sp += 1
                    sp[0] = gasPrice
                case 0x3d:
                    sp += 1
                    sp[0] = UInt256(UInt64(outputSize))
                case 0x3e:
                    sp -= 3
                    let (end, overflow) = sp[2].adding(sp[1])
                    guard !overflow, end <= UInt256(UInt64(outputSize)),
                        reach(sp[3], sp[1], &gas, &size, &memory)
                    else { break instructions }
                    gas &-= 3 &* Self.words(sp[1].w0)
                    if gas < 0 { break instructions }
                    Self.copy(to: memory, sp[3], from: output, outputSize, sp[2], sp[1])
                case 0x41:
                    sp += 1
                    sp[0] = environment.feeRecipient.word
                case 0x42:
                    sp += 1
                    sp[0] = UInt256(environment.timestamp)
                case 0x43:
                    sp += 1
                    sp[0] = UInt256(environment.number)
                case 0x44:
                    sp += 1
                    sp[0] = environment.difficulty
                case 0x45:
                    sp += 1
                    sp[0] = UInt256(environment.gasLimit)
                case 0x46:
                    sp += 1
                    sp[0] = UInt256(environment.chainID)
                case 0x48:
                    sp += 1
                    sp[0] = environment.baseFee
                case 0x4a:
                    sp += 1
                    sp[0] = environment.blobBaseFee
                case 0x50: sp -= 1
                case 0x51:
                    let offset = sp[0]
                    guard reach32(offset, &gas, &size, &memory) else { break instructions }
                    sp[0] = UInt256(loading: memory + Int(truncatingIfNeeded: offset.w0))
                case 0x52:
                    sp -= 2
                    let offset = sp[2]
                    guard reach32(offset, &gas, &size, &memory) else { break instructions }
                    sp[1].store(bigEndian: memory + Int(truncatingIfNeeded: offset.w0))
                case 0x53:
                    sp -= 2
                    let offset = sp[2]
                    guard reach(offset, .one, &gas, &size, &memory) else { break instructions }
                    memory.storeBytes(
                        of: UInt8(truncatingIfNeeded: sp[1].w0),
                        toByteOffset: Int(truncatingIfNeeded: offset.w0), as: UInt8.self)
                case 0x54:
                    let (value, wasCold) = journal.load(frame.pointee.account, sp[0])
                    if wasCold, fork >= .berlin {
                        gas &-= 2000
                        if gas < 0 { break instructions }
                    }
                    sp[0] = value
                case 0x55:
                    sp -= 2
                    if frame.pointee.isStatic { break instructions }
                    gas &-= storeCost(frame.pointee.account, sp[2], sp[1], gas)
                    if gas < 0 { break instructions }
                case 0x56:
                    sp -= 1
                    guard sp[1].isSmall, Self.isDestination(frame, sp[1].w0) else {
                        break instructions
                    }
                    pc = frame.pointee.code + Int(truncatingIfNeeded: sp[1].w0)
                case 0x57:
                    sp -= 2
                    if !sp[1].isZero {
                        guard sp[2].isSmall, Self.isDestination(frame, sp[2].w0) else {
                            break instructions
                        }
                        pc = frame.pointee.code + Int(truncatingIfNeeded: sp[2].w0)
                    }
                case 0x58:
                    sp += 1
                    sp[0] = UInt256(UInt64(pc - frame.pointee.code - 1))
                case 0x59:
                    sp += 1
                    sp[0] = UInt256(UInt64(size))
                case 0x5a:
                    sp += 1
                    sp[0] = UInt256(UInt64(bitPattern: gas))
                case 0x5b: break
                case 0x5c: sp[0] = journal.transient(frame.pointee.account, sp[0])
                case 0x5d:
                    sp -= 2
                    if frame.pointee.isStatic { break instructions }
                    journal.setTransient(frame.pointee.account, sp[2], sp[1])
                case 0x5e:
                    sp -= 3
                    let farther = sp[3] < sp[2] ? sp[2] : sp[3]
                    guard reach(farther, sp[1], &gas, &size, &memory) else { break instructions }
                    gas &-= 3 &* Self.words(sp[1].w0)
                    if gas < 0 { break instructions }
                    if !sp[1].isZero {
                        (memory + Int(truncatingIfNeeded: sp[3].w0)).copyMemory(
                            from: memory + Int(truncatingIfNeeded: sp[2].w0),
                            byteCount: Int(truncatingIfNeeded: sp[1].w0))
                    }
                case 0x5f:
                    sp += 1
                    sp[0] = .zero
                case 0x60:
                    sp += 1
                    sp[0] = UInt256(UInt64(pc[0]))
                    pc += 1
                case 0x61:
                    sp += 1
                    sp[0] = Self.short(pc, 2)
                    pc += 2
                case 0x62:
                    sp += 1
                    sp[0] = Self.short(pc, 3)
                    pc += 3
                case 0x63:
                    sp += 1
                    sp[0] = Self.short(pc, 4)
                    pc += 4
                case 0x64:
                    sp += 1
                    sp[0] = Self.short(pc, 5)
                    pc += 5
                case 0x65:
                    sp += 1
                    sp[0] = Self.short(pc, 6)
                    pc += 6
                case 0x66:
                    sp += 1
                    sp[0] = Self.short(pc, 7)
                    pc += 7
                case 0x67:
                    sp += 1
                    sp[0] = Self.short(pc, 8)
                    pc += 8
                case 0x68:
                    sp += 1
                    sp[0] = Self.long(pc, 9)
                    pc += 9
                case 0x69:
                    sp += 1
                    sp[0] = Self.long(pc, 10)
                    pc += 10
                case 0x6a:
                    sp += 1
                    sp[0] = Self.long(pc, 11)
                    pc += 11
                case 0x6b:
                    sp += 1
                    sp[0] = Self.long(pc, 12)
                    pc += 12
                case 0x6c:
                    sp += 1
                    sp[0] = Self.long(pc, 13)
                    pc += 13
                case 0x6d:
                    sp += 1
                    sp[0] = Self.long(pc, 14)
                    pc += 14
                case 0x6e:
                    sp += 1
                    sp[0] = Self.long(pc, 15)
                    pc += 15
                case 0x6f:
                    sp += 1
                    sp[0] = Self.long(pc, 16)
                    pc += 16
                case 0x70:
                    sp += 1
                    sp[0] = Self.long(pc, 17)
                    pc += 17
                case 0x71:
                    sp += 1
                    sp[0] = Self.long(pc, 18)
                    pc += 18
                case 0x72:
                    sp += 1
                    sp[0] = Self.long(pc, 19)
                    pc += 19
                case 0x73:
                    sp += 1
                    sp[0] = Self.long(pc, 20)
                    pc += 20
                case 0x74:
                    sp += 1
                    sp[0] = Self.long(pc, 21)
                    pc += 21
                case 0x75:
                    sp += 1
                    sp[0] = Self.long(pc, 22)
                    pc += 22
                case 0x76:
                    sp += 1
                    sp[0] = Self.long(pc, 23)
                    pc += 23
                case 0x77:
                    sp += 1
                    sp[0] = Self.long(pc, 24)
                    pc += 24
                case 0x78:
                    sp += 1
                    sp[0] = Self.long(pc, 25)
                    pc += 25
                case 0x79:
                    sp += 1
                    sp[0] = Self.long(pc, 26)
                    pc += 26
                case 0x7a:
                    sp += 1
                    sp[0] = Self.long(pc, 27)
                    pc += 27
                case 0x7b:
                    sp += 1
                    sp[0] = Self.long(pc, 28)
                    pc += 28
                case 0x7c:
                    sp += 1
                    sp[0] = Self.long(pc, 29)
                    pc += 29
                case 0x7d:
                    sp += 1
                    sp[0] = Self.long(pc, 30)
                    pc += 30
                case 0x7e:
                    sp += 1
                    sp[0] = Self.long(pc, 31)
                    pc += 31
                case 0x7f:
                    sp += 1
                    sp[0] = UInt256(loading: pc)
                    pc += 32
                case 0x80:
                    sp += 1
                    sp[0] = sp[-1]
                case 0x81:
                    sp += 1
                    sp[0] = sp[-2]
                case 0x82:
                    sp += 1
                    sp[0] = sp[-3]
                case 0x83:
                    sp += 1
                    sp[0] = sp[-4]
                case 0x84:
                    sp += 1
                    sp[0] = sp[-5]
                case 0x85:
                    sp += 1
                    sp[0] = sp[-6]
                case 0x86:
                    sp += 1
                    sp[0] = sp[-7]
                case 0x87:
                    sp += 1
                    sp[0] = sp[-8]
                case 0x88:
                    sp += 1
                    sp[0] = sp[-9]
                case 0x89:
                    sp += 1
                    sp[0] = sp[-10]
                case 0x8a:
                    sp += 1
                    sp[0] = sp[-11]
                case 0x8b:
                    sp += 1
                    sp[0] = sp[-12]
                case 0x8c:
                    sp += 1
                    sp[0] = sp[-13]
                case 0x8d:
                    sp += 1
                    sp[0] = sp[-14]
                case 0x8e:
                    sp += 1
                    sp[0] = sp[-15]
                case 0x8f:
                    sp += 1
                    sp[0] = sp[-16]
                case 0x90: Self.swap(sp, 1)
                case 0x91: Self.swap(sp, 2)
                case 0x92: Self.swap(sp, 3)
                case 0x93: Self.swap(sp, 4)
                case 0x94: Self.swap(sp, 5)
                case 0x95: Self.swap(sp, 6)
                case 0x96: Self.swap(sp, 7)
                case 0x97: Self.swap(sp, 8)
                case 0x98: Self.swap(sp, 9)
                case 0x99: Self.swap(sp, 10)
                case 0x9a: Self.swap(sp, 11)
                case 0x9b: Self.swap(sp, 12)
                case 0x9c: Self.swap(sp, 13)
                case 0x9d: Self.swap(sp, 14)
                case 0x9e: Self.swap(sp, 15)
                case 0x9f: Self.swap(sp, 16)
                case 0xf3, 0xfd:
                    sp -= 2
                    guard reach(sp[2], sp[1], &gas, &size, &memory) else { break instructions }
                    outputStart = sp[2]
                    outputLength = sp[1]
                    ending = op == 0xf3 ? .success : .revert
                    break instructions
                default:
                    isLeaving = false
                    break instructions
                }
            }

            frame.pointee.counter = pc
            frame.pointee.top = sp
            frame.pointee.gas = gas
            frame.pointee.memorySize = size
            if !isLeaving {
                switch slow(pc[-1]) {
                case .goesOn: continue
                case .fails: break
                case .stops: ending = .success
                }
            }
            if leave(ending, Int(truncatingIfNeeded: outputStart.w0), outputLength.w0) {
                return lastEnding
            }
        }
    }
}
