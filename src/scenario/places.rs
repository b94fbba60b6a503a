//! Places and the time that light needs between them.

/// A place with its coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Its id in scenarios.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

const fn place(id: &'static str, name: &'static str, latitude: f64, longitude: f64) -> Place {
    Place { id, name, latitude, longitude }
}

/// The places that scenarios can name. Coordinates of the city centres, to a hundredth of a degree.
pub const PLACES: [Place; 20] = [
    place("calgary", "Calgary", 51.05, -114.07),
    place("cape-town", "Cape Town", -33.92, 18.42),
    place("dublin", "Dublin", 53.35, -6.26),
    place("frankfurt", "Frankfurt", 50.11, 8.68),
    place("hong-kong", "Hong Kong", 22.32, 114.17),
    place("london", "London", 51.51, -0.13),
    place("los-angeles", "Los Angeles", 34.05, -118.24),
    place("madrid", "Madrid", 40.42, -3.70),
    place("mexico-city", "Mexico City", 19.43, -99.13),
    place("montreal", "Montréal", 45.50, -73.57),
    place("mumbai", "Mumbai", 19.08, 72.88),
    place("new-york", "New York", 40.71, -74.01),
    place("paris", "Paris", 48.86, 2.35),
    place("sao-paulo", "São Paulo", -23.55, -46.63),
    place("seoul", "Seoul", 37.57, 126.98),
    place("singapore", "Singapore", 1.35, 103.82),
    place("stockholm", "Stockholm", 59.33, 18.07),
    place("sydney", "Sydney", -33.87, 151.21),
    place("tokyo", "Tokyo", 35.68, 139.69),
    place("virginia", "Virginia", 39.04, -77.49),
];

/// The mean radius of the Earth (IUGG).
const EARTH_RADIUS_KM: f64 = 6371.0088;

/// Light in fibre: 299,792 km/s over a refractive index of 1.468 (ITU-T G.652 fibre at 1,550 nm).
const FIBRE_KM_PER_MS: f64 = 299.792_458 / 1.468;

/// How much longer the way of the packets is than the great circle, by default: cables follow coasts and roads. Bozkurt
/// et al., "Why is the Internet so slow?!" (PAM 2017) find a median of 1.5 to 2 above the speed of light in fibre.
pub const PATH_FACTOR: f64 = 1.6;

/// The place with this id.
pub fn find(id: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.id == id)
}

/// The length of the great circle between two places, in kilometres (haversine formula).
pub fn distance_km(a: &Place, b: &Place) -> f64 {
    let radians = |degrees: f64| degrees * std::f64::consts::PI / 180.0;
    let half_sine_squared = |degrees: f64| libm::pow(libm::sin(radians(degrees) / 2.0), 2.0);
    let h = half_sine_squared(b.latitude - a.latitude)
        + libm::cos(radians(a.latitude))
            * libm::cos(radians(b.latitude))
            * half_sine_squared(b.longitude - a.longitude);
    2.0 * EARTH_RADIUS_KM * libm::asin(libm::sqrt(h.clamp(0.0, 1.0)))
}

/// The one-way delay between two places, in milliseconds.
pub fn delay_ms(a: &Place, b: &Place, path_factor: f64) -> f64 {
    distance_km(a, b) * path_factor / FIBRE_KM_PER_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_agree_with_the_atlas() {
        let km = |a, b| distance_km(find(a).expect("known"), find(b).expect("known"));
        // Great-circle distances of city centres, to the 20 km that "centre" leaves open.
        assert!((km("new-york", "london") - 5570.0).abs() < 20.0);
        assert!((km("montreal", "seoul") - 10_540.0).abs() < 30.0);
        assert!((km("sydney", "sao-paulo") - 13_360.0).abs() < 40.0);
        assert_eq!(km("tokyo", "tokyo"), 0.0);
    }

    #[test]
    fn new_york_to_london_takes_about_as_long_as_in_life() {
        let rtt = 2.0 * delay_ms(find("new-york").expect("known"), find("london").expect("known"), PATH_FACTOR);
        // Public looking glasses show 70 to 90 ms.
        assert!((70.0..95.0).contains(&rtt), "{rtt}");
    }

    #[test]
    fn ids_are_sorted_and_unique() {
        assert!(PLACES.is_sorted_by(|a, b| a.id < b.id));
    }
}
