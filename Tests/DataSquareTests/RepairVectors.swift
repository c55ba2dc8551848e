// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import TestSupport
import Testing

/// Repairs that celestiaorg/rsmt2d did, refused, or blamed on an axis.
@Suite struct RepairVectors {
    /// Every case of `repair`.
    @Test func repair() throws {
        var squares: [String: ExtendedDataSquare] = [:]
        for test in try Vectors.family("repair").cases {
            let id = try test["id"].string
            let seed = try test["ods"]["seed"].string
            let key = "\(seed) \(try test["ods"]["k"].integer)"
            let square: ExtendedDataSquare
            if let made = squares[key] {
                square = made
            } else {
                square = ExtendedDataSquare(
                    extending: try SpecifiedSquare.original(try test["ods"]))
                squares[key] = square
            }
            try check(test, id, square)
        }
    }

    private func check(_ test: JSONTree, _ id: String, _ square: ExtendedDataSquare) throws {
        let width = square.width
        var bytes = square.bytes
        for flip in try test["flips"].array {
            let cell = try flip["row"].integer * width + flip["col"].integer
            let at = try cell * Share.sizeBytes + flip["offset"].integer
            bytes[at] ^= UInt8(try flip["xor"].integer)
        }
        let flipped = try ExtendedDataSquare(width: width, bytes: bytes)
        let isHonest = try test["roots_from"].string == "original"
        let header = (isHonest ? square : flipped).commit()
        let bitmap = try test["available_bitmap"].hex
        let isKnown = (0..<width * width).map { bitmap[$0 / 8] & (0x80 >> UInt8($0 % 8)) != 0 }
        #expect(isKnown.count { $0 } == (try test["available_count"].integer), "\(id)")
        for cell in isKnown.indices where !isKnown[cell] {
            for at in cell * 512..<cell * 512 + 512 { bytes[at] = 0xD5 }
        }
        let acceptable = try test["acceptable"].array.map { try $0.string }
        do throws(RepairFault) {
            let repaired = try ExtendedDataSquare.repair(
                width: width, bytes: bytes, isKnown: isKnown, header: header)
            #expect(acceptable == ["ok"], "\(id)")
            let digest = try? test["eds_sha256"].string
            #expect(SHA256.hash(repaired.bytes).hex == digest, "\(id)")
        } catch {
            #expect(acceptable.contains(Self.word(of: error)), "\(id): \(error)")
        }
    }

    private static func word(of fault: RepairFault) -> String {
        switch fault {
        case .unrepairable: "unrepairable"
        case .byzantine(.row, let index): "byzantine row \(index)"
        case .byzantine(.column, let index): "byzantine col \(index)"
        case .shape: "shape"
        }
    }
}
