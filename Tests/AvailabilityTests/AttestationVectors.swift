// SPDX-License-Identifier: Apache-2.0

import Availability
import Bytes
import Chain
import DataSquare
import Foundation
import TestSupport
import Testing

/// Draws and messages computed by another program from the specification (family attestation).
@Suite struct AttestationVectors {
    private static let isThere = FileManager.default.fileExists(
        atPath: Vectors.directory.appending(path: "attestation.json").path)

    @Test(.enabled(if: isThere)) func drawsAndMessages() throws {
        var count = 0
        for test in try Vectors.family("attestation").cases {
            count += 1
            let id = try test["id"].string
            if try test["op"].string == "cells" {
                let drawn = CustodyDuty.cells(
                    entropy: try #require(Bytes32(try test["entropy"].hex)),
                    width: try test["width"].integer)
                #expect(drawn == (try Self.places(test["places"])), "\(id)")
                continue
            }
            let message = try Self.message(test)
            let wire = try test["wire"].hex
            #expect(message.protobuf == wire, "\(id)")
            #expect(try RowMessage(protobuf: wire) == message, "\(id)")
        }
        #expect(Vectors.isWhole(count, own: 12), "\(count) cases")
    }

    private static func message(_ test: JSONTree) throws -> RowMessage {
        let block = try #require(Bytes32(try test["block"].hex))
        switch try test["op"].string {
        case "push": return .push(block: block, try half(test, .row) + half(test, .column))
        case "question":
            return .question(block: block, try lines(test, .row) + lines(test, .column))
        case "cell_question": return .cellQuestion(block: block, try places(test["cells"]))
        default:
            return .cells(
                block: block,
                try test["cells"].array.map { cell in
                    let parts = try cell.array
                    return HeldCell(
                        place: Coordinate(
                            row: try parts[0].integer, column: try parts[1].integer),
                        sample: try UnverifiedSample(protobuf: try parts[2].hex))
                })
        }
    }

    private static func half(_ test: JSONTree, _ axis: Axis) throws -> [HalfLine] {
        try test["\(axis)s"].array.map { line in
            let parts = try line.array
            return HalfLine(AxisLine(axis, try parts[0].integer), bytes: try parts[1].hex)
        }
    }

    private static func lines(_ test: JSONTree, _ axis: Axis) throws -> [AxisLine] {
        try test["\(axis)s"].array.map { AxisLine(axis, try $0.integer) }
    }

    private static func places(_ tree: JSONTree) throws -> [Coordinate] {
        try tree.array.map { place in
            let parts = try place.array
            return Coordinate(row: try parts[0].integer, column: try parts[1].integer)
        }
    }
}
