// SPDX-License-Identifier: Apache-2.0

internal import DataSquare

extension SampleID {
    /// The id of the share at a place, which must be inside of a square that can exist.
    init(height: UInt64, _ place: Coordinate) {
        self.init(height: height, row: UInt16(place.row), column: UInt16(place.column))
    }
}
