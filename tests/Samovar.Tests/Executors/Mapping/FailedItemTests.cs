using System.Collections;
using System.Globalization;

namespace Samovar.Tests.Executors.Mapping;

/// <summary>What is recorded with an item's error when the program's own types are hostile.</summary>
public sealed class FailedItemTests
{
    [ThreadFact]
    public void Neither_an_item_nor_an_error_of_the_program_s_own_types_replaces_the_error()
    {
        foreach (Exception error in (Exception[])[new NoData(), new ThrowingData(), new FormatException()])
        {
            FailedItem.Note(error, 3, new Hostile());
            var item = FailedItem.Of(error).ShouldNotBeNull();
            item.Input.ShouldBeOfType<Hostile>();
            item.ToString().ShouldBe("item 3");
        }

        var plain = new FormatException();
        FailedItem.Note(plain, 4, DayOfWeek.Friday);
        plain.Data[FailedItem.DataKey].ShouldBe("item 4: Friday");
        FailedItem.Note(plain, 5, null);
        plain.Data[FailedItem.DataKey].ShouldBe("item 5");
    }

    private sealed class NoData : Exception
    {
        public override IDictionary Data => null!;
    }

    private sealed class ThrowingData : Exception
    {
        public override IDictionary Data => throw new InvalidOperationException("no data");
    }

    private sealed class Hostile : IConvertible
    {
        public TypeCode GetTypeCode() => TypeCode.String;

        public string ToString(IFormatProvider? provider) => throw new InvalidOperationException("no text");

        public bool ToBoolean(IFormatProvider? provider) => true;

        public byte ToByte(IFormatProvider? provider) => 0;

        public char ToChar(IFormatProvider? provider) => 'a';

        public DateTime ToDateTime(IFormatProvider? provider) => default;

        public decimal ToDecimal(IFormatProvider? provider) => 0;

        public double ToDouble(IFormatProvider? provider) => 0;

        public short ToInt16(IFormatProvider? provider) => 0;

        public int ToInt32(IFormatProvider? provider) => 0;

        public long ToInt64(IFormatProvider? provider) => 0;

        public sbyte ToSByte(IFormatProvider? provider) => 0;

        public float ToSingle(IFormatProvider? provider) => 0;

        public object ToType(Type conversionType, IFormatProvider? provider) => Convert.ChangeType(0, conversionType, CultureInfo.InvariantCulture);

        public ushort ToUInt16(IFormatProvider? provider) => 0;

        public uint ToUInt32(IFormatProvider? provider) => 0;

        public ulong ToUInt64(IFormatProvider? provider) => 0;
    }
}
