// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// Who may connect.
///
/// Specified in Protocol/09-peer-layer.md#limits.
package struct AdmissionLimits: Sendable {
    /// Connections that may be open.
    package var connections = 20_000
    /// Connections from one IPv4 address, or one IPv6 /56; loopback is free.
    package var perAddress = 8
    /// Connections from one IPv6 /48.
    package var perSite = 64
    /// New connections of one address; loopback is free.
    package var newPerAddress = RateLimit(everySeconds: 5, burst: 16)
    /// Connections whose session is not open yet.
    package var handshaking = 256
    /// Handshakes of all; about half of what a core can do.
    package var handshakes = RateLimit(perSecond: 2_500, burst: 2_500)
    /// Addresses whose rate is remembered.
    package var rememberedAddresses = 65_536

    /// The defaults.
    package init() {}
}

/// Why a connection is not let in.
package enum AdmissionFault: Hashable, Sendable {
    /// The address or its network is blocked.
    case blocked
    /// Too many connections in all.
    case connections
    /// Too many connections from the address or its network.
    case address
    /// Too many new connections from the address.
    case rate
    /// Too many connections have not finished their handshake, or too many handshakes a second.
    case handshakes
    /// The memory budget is used up.
    case memory
}

/// Counts connections by where they come from.
struct AdmissionControl {
    private let limits: AdmissionLimits
    private var byAddress: [[UInt8]: Int] = [:]
    private var bySite: [[UInt8]: Int] = [:]
    private var rates: [[UInt8]: RateMeter] = [:]
    private var handshakeMeter = RateMeter()
    private(set) var connectionCount = 0

    init(_ limits: AdmissionLimits) {
        self.limits = limits
    }

    /// Why a connection from `address` is not let in now, or nil; counts the attempt.
    mutating func check(
        _ address: IPAddress, handshaking: Int, at now: Instant
    ) -> AdmissionFault? {
        guard connectionCount < limits.connections else { return .connections }
        guard handshaking < limits.handshaking else { return .handshakes }
        if !address.isLoopback {
            let (household, site) = Self.networks(of: address)
            guard byAddress[household, default: 0] < limits.perAddress else { return .address }
            if let site, bySite[site, default: 0] >= limits.perSite { return .address }
            forgetIdleRates(at: now)
            guard rates.count < limits.rememberedAddresses || rates[household] != nil,
                rates[household, default: RateMeter()].take(of: limits.newPerAddress, at: now)
            else { return .rate }
        }
        guard handshakeMeter.take(of: limits.handshakes, at: now) else { return .handshakes }
        return nil
    }

    mutating func add(_ address: IPAddress) {
        connectionCount += 1
        let (household, site) = Self.networks(of: address)
        byAddress[household, default: 0] += 1
        if let site { bySite[site, default: 0] += 1 }
    }

    mutating func remove(_ address: IPAddress) {
        connectionCount -= 1
        let (household, site) = Self.networks(of: address)
        Self.decrement(&byAddress, household)
        if let site { Self.decrement(&bySite, site) }
    }

    /// What limits by address and by site count: an IPv4 address, or an IPv6 /56 and its /48.
    static func networks(of address: IPAddress) -> (household: [UInt8], site: [UInt8]?) {
        let address = address.unmapped
        return switch address {
        case .v4: (address.bytes, nil)
        case .v6: (address.network(bits: 56), address.network(bits: 48))
        }
    }

    private static func decrement(_ counts: inout [[UInt8]: Int], _ key: [UInt8]) {
        guard let count = counts[key] else { return }
        counts[key] = count > 1 ? count - 1 : nil
    }

    private mutating func forgetIdleRates(at now: Instant) {
        if rates.count >= limits.rememberedAddresses {
            rates = rates.filter { !$0.value.isIdle(at: now) }
        }
    }
}
