// SPDX-License-Identifier: Apache-2.0

internal import Simulation

/// What a light node pays for one full block: bytes on its connections.
enum LightFamily {
    private static let validators = 100
    private static let limit = 65_536.0

    static func traffic(_ yardsticks: Yardsticks) -> [Measurement] {
        [64, 128, 256].flatMap { width in
            do {
                var traffic = try LightTraffic(width: width, validators: validators)
                return try LightTraffic.Way.allCases.map { way in
                    let count = try traffic.measure(way)
                    return Measurement(
                        name: "light.block/k=\(width)/\(way.rawValue)",
                        value: Double(count.total), unit: "bytes", floor: limit)
                }
            } catch {
                preconditionFailure("the hosts answer one another: \(error)")
            }
        }
    }
}
