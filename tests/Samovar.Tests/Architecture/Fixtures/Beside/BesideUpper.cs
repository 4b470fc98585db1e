using Samovar.Tests.Architecture.Fixtures.Upper;

namespace Samovar.Tests.Architecture.Fixtures.Beside;

public static class BesideUpper
{
    public static void UseASibling() => UpperClass.Call();
}
