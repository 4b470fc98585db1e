using System.Globalization;

namespace Samovar.Cluster.Protocol;

/// <summary>Up to which length, in bytes, work and results are in messages; what is longer is a blob, to which the message refers.</summary>
internal static class PayloadLimits
{
    /// <summary>The work of a task, and a result. A blob of this length takes less than twice as long as a message; of 1 MiB, five times.</summary>
    public const int Inline = 4 << 20;

    /// <summary>Work that tasks share: as part of messages it would be in each of them. A blob of this length takes as long as about ten messages.</summary>
    public const int InlineShared = 256 << 10;

    /// <summary>The longest blob: readers accept no longer message, see <see cref="Samovar.Serialization.ShippingOptions"/>.</summary>
    public const int Largest = 1 << 30;

    /// <exception cref="ArgumentException">The length is more than <paramref name="largest"/>.</exception>
    public static void Require(string what, long length, int largest)
    {
        if (length <= largest) return;
        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{what} has {length:N0} bytes, but at most {largest:N0} are possible. Pass the address of the data instead of the data."));
    }
}
