// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import TestSupport
import Testing

/// The byte streams that all other vectors are made of.
@Suite struct DeterministicBytesVectors {
    @Test func everyCase() throws {
        for test in try Vectors.family("prng").cases {
            let made = DeterministicBytes.make(
                seed: try test["seed"].string, count: try test["len"].integer)
            #expect(made == (try test["out"].hex))
        }
    }
}
