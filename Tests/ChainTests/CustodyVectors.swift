// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import TestSupport
import Testing

/// Holders computed by another program from the specification (family custody).
@Suite struct CustodyVectors {
    /// Seeds, and the holders of every line in their order.
    @Test func everyAssignment() throws {
        var count = 0
        for test in try Vectors.family("custody").cases {
            count += 1
            let id = try test["id"].string
            let members = try test["members"].array.map { member in
                let key = try #require(Bytes32(try member["key"].hex))
                return Validator(
                    key: .ed25519(Ed25519PublicKey(key)),
                    votingPower: Int64(try member["power"].integer))
            }
            let parent = try #require(Bytes32(try test["parent"].hex))
            let seed = CustodyAssignment.seed(
                parentHash: parent, height: Height(UInt64(try test["height"].integer)))
            #expect(seed.hex == (try test["seed"].string), "\(id)")
            let lines = try test["line_count"].integer
            let assignment = CustodyAssignment(
                seed: seed, lineCount: lines, committee: try ValidatorSet(members),
                replicas: try test["replicas"].integer)
            #expect(
                assignment.holdersPerLine == (try test["holders_per_line"].integer), "\(id)")
            for (axis, name) in [(Axis.row, "last_row"), (.column, "last_column")] {
                let last = assignment.holders(of: axis, lines - 1).prefix(8).map { Int($0) }
                #expect(last == (try test[name].array.map { try $0.integer }), "\(id)")
            }
            var places: [UInt8] = []
            for axis in Axis.allCases {
                for line in 0..<lines {
                    for place in assignment.holders(of: axis, line) {
                        places.append(bigEndian: place)
                    }
                }
            }
            #expect(
                SHA256.hash(places).hex == (try test["places_sha256"].string), "\(id)")
        }
        #expect(Vectors.isWhole(count, own: 7), "\(count) assignments")
        print("custody: \(count) assignments")
    }
}
