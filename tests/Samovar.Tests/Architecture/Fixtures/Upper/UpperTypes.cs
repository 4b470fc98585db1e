using Samovar.Tests.Architecture.Fixtures.Lower;

namespace Samovar.Tests.Architecture.Fixtures.Upper;

public class UpperClass
{
    public static readonly int Field = 1;

    public static void Call()
    {
    }

    public static LowerClass UseOfALowerFolderIsFine() => new();
}

public enum UpperEnum
{
    One = 1,
}

public interface IUpper;

public sealed class UpperException : Exception;

[AttributeUsage(AttributeTargets.All)]
public sealed class UpperAttribute : Attribute;
