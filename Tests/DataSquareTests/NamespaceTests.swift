// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Testing

/// Namespaces at the edges of their forms.
@Suite struct NamespaceTests {
    /// Every version byte with every single byte set: the form is valid exactly where the rule says.
    @Test func formsAreValidByTheRule() throws {
        for version in UInt8.min...UInt8.max {
            for place in 1..<29 {
                var bytes = [UInt8](repeating: 0, count: 29)
                bytes[0] = version
                bytes[place] = 1
                let isValid = version == 255 || (version == 0 && place >= 19)
                let namespace = Namespace(unchecked: try FixedBytes(decoding: bytes))
                #expect(namespace.hasValidForm == isValid)
                if isValid {
                    #expect(try Namespace(decoding: bytes) == namespace)
                } else {
                    #expect(throws: DecodeFault.self) { try Namespace(decoding: bytes) }
                }
            }
        }
    }

    /// All 65,536 ends of a version 0 namespace: reserved ones are the first 256.
    @Test func theFirst256AreReserved() throws {
        for value in 0..<65_536 {
            let namespace = try Namespace(userID: [UInt8(value >> 8), UInt8(value & 255)])
            #expect(namespace.isReserved == (value < 256))
            #expect(namespace.isValidForBlob == (value >= 256))
        }
    }

    /// Going there and back ends where it began; leaving the range is an error.
    @Test func advancingIsExact() throws {
        let start = try Namespace(userID: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        for offset in [1, 255, 256, 65_537, Int.max, -1, -256, -65_537, Int.min + 1] {
            let there = try start.advanced(by: offset)
            #expect(try there.advanced(by: -offset) == start)
            #expect((there < start) == (offset < 0))
        }
        #expect(throws: ArithmeticFault.self) { try Namespace.parity.advanced(by: 1) }
        let zero = Namespace(unchecked: FixedBytes())
        #expect(throws: ArithmeticFault.self) { try zero.advanced(by: -1) }
    }
}
