// SPDX-License-Identifier: Apache-2.0

/// Instructions by number, for code that speaks of few of them; the interpreter's switch has all.
enum Opcode {
    static let exponent: UInt8 = 0x0a
    static let balance: UInt8 = 0x31
    static let externalCodeSize: UInt8 = 0x3b
    static let externalCodeCopy: UInt8 = 0x3c
    static let externalCodeHash: UInt8 = 0x3f
    static let blockHash: UInt8 = 0x40
    static let selfBalance: UInt8 = 0x47
    static let blobHash: UInt8 = 0x49
    static let storageLoad: UInt8 = 0x54
    static let jumpDestination: UInt8 = 0x5b
    static let push1: UInt8 = 0x60
    static let push32: UInt8 = 0x7f
    static let log0: UInt8 = 0xa0
    static let log4: UInt8 = 0xa4
    static let create: UInt8 = 0xf0
    static let call: UInt8 = 0xf1
    static let callCode: UInt8 = 0xf2
    static let delegateCall: UInt8 = 0xf4
    static let create2: UInt8 = 0xf5
    static let staticCall: UInt8 = 0xfa
    static let selfDestruct: UInt8 = 0xff
}
