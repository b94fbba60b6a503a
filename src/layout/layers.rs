//! Who stands behind whom: layers follow the calls.

use crate::frame::Scene;
use crate::nodes::Kind;

use super::UNFOLDED_MAX;

/// Which tiers are in which layer, each as cards of node indices.
pub fn layers(scene: &Scene, capacity: usize) -> Vec<Vec<Unplaced>> {
    let depths = depths(scene);
    let count = depths.iter().max().map_or(0, |deepest| deepest + 1);
    let mut layers = vec![Vec::new(); count];
    for (depth, layer) in layers.iter_mut().enumerate() {
        let mut tiers: Vec<usize> = (0..scene.tiers.len()).filter(|&tier| depths[tier] == depth).collect();
        // Clients ask DNS first: it comes before them.
        tiers.sort_by_key(|&tier| scene.tiers[tier].kind != Kind::Dns);
        let members = |tier: usize| {
            let own = |node: &usize| usize::from(scene.nodes[*node].tier) == tier && !scene.nodes[*node].drained;
            (0..scene.nodes.len()).filter(own).collect::<Vec<_>>()
        };
        let mut own: Vec<Unplaced> =
            tiers.into_iter().map(|tier| (tier, members(tier))).map(|(tier, nodes)| (tier, nodes, false)).collect();
        fold(&mut own, scene, capacity);
        for (tier, nodes, folded) in own {
            if folded {
                layer.push((tier, nodes, true));
            } else {
                layer.extend(slots(scene, tier, &nodes));
            }
        }
        gather_machines(scene, layer);
    }
    layers.retain(|layer| !layer.is_empty());
    layers
}

/// How many servers a tier that gets more or fewer by itself may come to have at each of its places; 0 for others.
pub fn reserved(scene: &Scene, tier: usize) -> usize {
    let own = &scene.tiers[tier];
    // A client group may have the id of a tier.
    let part = scene.scenario.tiers.get(&own.id).filter(|_| own.kind != Kind::Client);
    let most = part.and_then(|part| part.autoscaler()).map_or(0, |scaler| scaler.maximum as usize);
    let mut places: Vec<Option<&str>> =
        scene.nodes.iter().filter(|node| usize::from(node.tier) == tier).map(|node| node.place.as_deref()).collect();
    places.sort_unstable();
    places.dedup();
    most.div_ceil(places.len().max(1))
}

/// The servers of a tier, each at its place; those that may yet come have theirs reserved, without a node.
fn slots(scene: &Scene, tier: usize, nodes: &[usize]) -> Vec<Unplaced> {
    let mut slots: Vec<Option<usize>> = vec![None; nodes.len().max(reserved(scene, tier))];
    let mut others = Vec::new();
    for &node in nodes {
        match slots.get_mut(usize::from(scene.nodes[node].number) - 1) {
            Some(slot) if slot.is_none() => *slot = Some(node),
            _ => others.push(node),
        }
    }
    let mut others = others.into_iter();
    slots.iter_mut().filter(|slot| slot.is_none()).for_each(|slot| *slot = others.next());
    slots.into_iter().map(|node| (tier, Vec::from_iter(node), false)).collect()
}

/// Folds the largest tiers of a layer until its cards fit, and those that are too large anyway.
fn fold(tiers: &mut [Unplaced], scene: &Scene, capacity: usize) {
    let places = |(tier, nodes, _): &Unplaced| nodes.len().max(reserved(scene, *tier));
    tiers.iter_mut().for_each(|own| own.2 = places(own) > UNFOLDED_MAX);
    loop {
        let cards = |own: &Unplaced| if own.2 { 1 } else { places(own) };
        if tiers.iter().map(cards).sum::<usize>() <= capacity {
            return;
        }
        match tiers.iter_mut().filter(|own| !own.2 && places(own) > 1).max_by_key(|own| places(own)) {
            Some((_, _, folded)) => *folded = true,
            None => return,
        }
    }
}

/// What shares a machine stands together, at the place of the first.
pub fn gather_machines(scene: &Scene, layer: &mut [Unplaced]) {
    let machines: Vec<Option<u16>> = layer.iter().map(|card| machine_of(scene, card)).collect();
    let first = |index: usize| machines[index].and_then(|own| machines.iter().position(|other| *other == Some(own)));
    let mut order: Vec<(usize, Unplaced)> =
        layer.iter().cloned().enumerate().map(|(index, card)| (first(index).unwrap_or(index), card)).collect();
    order.sort_by_key(|(first, _)| *first);
    layer.iter_mut().zip(order).for_each(|(place, (_, card))| *place = card);
}

/// The machine of a card that stands for one node.
pub fn machine_of(scene: &Scene, (_, nodes, folded): &Unplaced) -> Option<u16> {
    if *folded { None } else { scene.nodes[*nodes.first()?].machine }
}

/// By tier: the longest way from the clients. DNS is asked from where the clients are; what nobody calls yet stands where
/// its kind usually does.
pub fn depths(scene: &Scene) -> Vec<usize> {
    let is_called = |tier: usize| scene.calls.iter().any(|&(_, to)| usize::from(to) == tier);
    let usual = |tier: usize| match scene.tiers[tier].kind {
        _ if is_called(tier) => 0,
        Kind::Client | Kind::Dns => 0,
        Kind::LoadBalancer | Kind::Cdn | Kind::WebServer => 1,
        Kind::Cache | Kind::Database | Kind::ObjectStore | Kind::MessageBroker | Kind::Worker => 2,
    };
    let mut depths: Vec<usize> = (0..scene.tiers.len()).map(usual).collect();
    // Calls form no cycle, so after as many rounds as there are tiers nothing changes any more.
    for _ in 0..scene.tiers.len() {
        for &(from, to) in &scene.calls {
            let (from, to) = (usize::from(from), usize::from(to));
            if scene.tiers[to].kind != Kind::Dns {
                depths[to] = depths[to].max(depths[from] + 1);
            }
        }
    }
    depths
}

/// A card before it has its place: tier, nodes (none for who may yet come), and whether it is folded.
pub type Unplaced = (usize, Vec<usize>, bool);
