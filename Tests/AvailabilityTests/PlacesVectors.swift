// SPDX-License-Identifier: Apache-2.0

import Availability
import Bytes
import DataSquare
import Foundation
import TestSupport
import Testing

/// Known answers of an independent implementation: the places that a secret draws.
@Suite struct PlacesVectors {
    private static let isThere = FileManager.default.fileExists(
        atPath: Vectors.directory.appending(path: "light_clients.json").path)

    @Test(.enabled(if: isThere)) func places() throws {
        let cases = try Vectors.family("light_clients").cases.filter {
            try $0["op"].string == "places"
        }
        #expect(cases.count == 4)
        for test in cases {
            var generator = CoordinateChoice.generator(
                secret: try #require(Bytes32(try test["secret"].hex)),
                height: UInt64(try test["height"].integer),
                dataRoot: try #require(Bytes32(try test["data_root"].hex)))
            let drawn = CoordinateChoice.draw(width: try test["width"].integer, with: &generator)
            let expected = try test["places"].array.map { try $0.array.map { try $0.integer } }
            #expect(drawn.map { [$0.row, $0.column] } == expected)
        }
    }
}
