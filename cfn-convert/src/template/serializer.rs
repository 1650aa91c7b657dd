//! Takes the structs of resources to [`Data`].
//!
//! Fields that say nothing are left out, so that no struct has to repeat that of
//! each of its fields.

use std::fmt;

use serde::ser::{
    Error as _, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct,
    SerializeStructVariant, SerializeTuple, SerializeTupleStruct, Serializer,
};

use super::data::{Data, Map, Text};

/// The data of a struct.
pub(crate) fn data<T: Serialize + ?Sized>(value: &T) -> Data {
    value.serialize(ToData).expect("structs of resources hold nothing that data cannot")
}

/// Something that data cannot hold, such as bytes.
#[derive(Debug)]
pub(crate) struct Unsupported(String);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unsupported {}

impl serde::ser::Error for Unsupported {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

struct ToData;

type Outcome = Result<Data, Unsupported>;

impl Serializer for ToData {
    type Ok = Data;
    type Error = Unsupported;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Impossible<Data, Unsupported>;
    type SerializeMap = Entries;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Variant;

    fn serialize_bool(self, value: bool) -> Outcome {
        Ok(Data::Bool(value))
    }

    fn serialize_i8(self, value: i8) -> Outcome {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Outcome {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Outcome {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Outcome {
        Ok(Data::Int(value))
    }

    fn serialize_u8(self, value: u8) -> Outcome {
        self.serialize_i64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Outcome {
        self.serialize_i64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Outcome {
        self.serialize_i64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Outcome {
        i64::try_from(value).map(Data::Int).map_err(Unsupported::custom)
    }

    fn serialize_f32(self, value: f32) -> Outcome {
        self.serialize_f64(value.into())
    }

    /// A whole number is written without a fraction, as people write it.
    fn serialize_f64(self, value: f64) -> Outcome {
        let whole = value.fract() == 0.0 && value.abs() < 9e15;
        Ok(if whole { Data::Int(value as i64) } else { Data::Float(value) })
    }

    fn serialize_char(self, value: char) -> Outcome {
        Ok(value.to_string().as_str().into())
    }

    fn serialize_str(self, value: &str) -> Outcome {
        Ok(value.into())
    }

    fn serialize_bytes(self, _: &[u8]) -> Outcome {
        Err(Unsupported("bytes".to_owned()))
    }

    fn serialize_none(self) -> Outcome {
        Ok(Data::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Outcome {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Outcome {
        Ok(Data::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Outcome {
        Ok(Data::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Outcome {
        Ok(Data::Text(Text::const_new(variant)))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Outcome {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Outcome {
        Ok(single(variant, value.serialize(self)?))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items, Unsupported> {
        Ok(Items(Vec::with_capacity(length.unwrap_or_default())))
    }

    fn serialize_tuple(self, length: usize) -> Result<Items, Unsupported> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Items, Unsupported> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Impossible<Data, Unsupported>, Unsupported> {
        Err(Unsupported(variant.to_owned()))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Entries, Unsupported> {
        Ok(Entries { map: Map::with_capacity(length.unwrap_or_default()), key: Text::default() })
    }

    /// Structs with many fields use few of them.
    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Fields, Unsupported> {
        Ok(Fields(Map::with_capacity(length.min(8))))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Variant, Unsupported> {
        Ok(Variant(variant, Fields(Map::default())))
    }
}

fn single(key: &'static str, value: Data) -> Data {
    let mut map = Map::with_capacity(1);
    map.push(Text::const_new(key), value);
    Data::Map(map)
}

struct Items(Vec<Data>);

impl SerializeSeq for Items {
    type Ok = Data;
    type Error = Unsupported;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.0.push(value.serialize(ToData)?);
        Ok(())
    }

    fn end(self) -> Outcome {
        Ok(Data::List(self.0))
    }
}

impl SerializeTuple for Items {
    type Ok = Data;
    type Error = Unsupported;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Outcome {
        SerializeSeq::end(self)
    }
}

impl SerializeTupleStruct for Items {
    type Ok = Data;
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Outcome {
        SerializeSeq::end(self)
    }
}

struct Entries {
    map: Map,
    key: Text,
}

impl SerializeMap for Entries {
    type Ok = Data;
    type Error = Unsupported;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unsupported> {
        let Data::Text(key) = key.serialize(ToData)? else {
            return Err(Unsupported("a key that is no text".to_owned()));
        };
        self.key = key;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.map.push(std::mem::take(&mut self.key), value.serialize(ToData)?);
        Ok(())
    }

    fn end(self) -> Outcome {
        Ok(Data::Map(self.map))
    }
}

struct Fields(Map);

impl SerializeStruct for Fields {
    type Ok = Data;
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unsupported> {
        self.0.push_present(key, value.serialize(ToData)?);
        Ok(())
    }

    fn end(self) -> Outcome {
        Ok(Data::Map(self.0))
    }
}

struct Variant(&'static str, Fields);

impl SerializeStructVariant for Variant {
    type Ok = Data;
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unsupported> {
        SerializeStruct::serialize_field(&mut self.1, key, value)
    }

    fn end(self) -> Outcome {
        Ok(single(self.0, Data::Map(self.1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Sample {
        name: &'static str,
        nothing: Option<u8>,
        none: Vec<u8>,
        empty: &'static str,
        count: f64,
    }

    #[test]
    fn fields_that_say_nothing_are_left_out() {
        let sample = Sample { name: "a", nothing: None, none: Vec::new(), empty: "", count: 3.0 };
        let written = serde_json::to_string(&data(&sample)).unwrap();
        assert_eq!(written, r#"{"Name":"a","Empty":"","Count":3}"#);
    }
}
