//! Files for the visitor to keep.

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement, Url};

use super::dom;

/// Hands a text over as a file of this name and media type.
pub fn text(name: &str, media_type: &str, content: &str) {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&Array::of1(&content.into()), &options) {
        hand_over(name, &blob);
    }
}

/// Hands a canvas over as a PNG file of this name.
pub fn picture(name: &str, canvas: &HtmlCanvasElement) {
    let name = name.to_owned();
    let done = Closure::once_into_js(move |blob: Option<Blob>| {
        if let Some(blob) = blob {
            hand_over(&name, &blob);
        }
    });
    // Fails only for canvases with pictures from elsewhere, of which there are none.
    let _ = canvas.to_blob(done.unchecked_ref());
}

/// Hands an SVG drawing over as a PNG file of this name, twice as large.
pub fn drawing(name: &str, svg: &str) {
    let options = BlobPropertyBag::new();
    options.set_type("image/svg+xml");
    let made = Blob::new_with_str_sequence_and_options(&Array::of1(&svg.into()), &options);
    let url = made.and_then(|blob| Url::create_object_url_with_blob(&blob));
    let (Ok(url), Ok(image)) = (url, HtmlImageElement::new()) else { return };
    let (name, own) = (name.to_owned(), image.clone());
    let source = url.clone();
    let done = Closure::once_into_js(move || {
        let [width, height] = [own.natural_width(), own.natural_height()].map(|length| f64::from(length * 2));
        if let Some((canvas, context)) = dom::canvas(width, height) {
            // What was read can be drawn.
            let _ = context.draw_image_with_html_image_element_and_dw_and_dh(&own, 0.0, 0.0, width, height);
            picture(&name, &canvas);
        }
        let _ = Url::revoke_object_url(&source);
    });
    image.set_onload(Some(done.unchecked_ref()));
    image.set_src(&url);
}

fn hand_over(name: &str, blob: &Blob) {
    let document = web_sys::window().and_then(|window| window.document());
    let anchor = document.and_then(|document| document.create_element("a").ok());
    let anchor = anchor.and_then(|anchor| anchor.dyn_into::<HtmlAnchorElement>().ok());
    if let (Some(anchor), Ok(url)) = (anchor, Url::create_object_url_with_blob(blob)) {
        anchor.set_href(&url);
        anchor.set_download(name);
        anchor.click();
        // The download has its own hold on the content by now. Fails for no URL that was made here.
        let _ = Url::revoke_object_url(&url);
    }
}
