"""Every route, what it asks for, and whose things it opens. A route that is missing here fails.

A line is: method, endpoint, permission, kind of thing in its address, and further conditions:
`+` another permission is asked for too, `hq` is for headquarters alone.
"""

from dataclasses import dataclass

TABLE = """
GET    audit.index                         audit.view                -
GET    audit_api.read_trail                audit.view                -
GET    catalogue.issuers                   catalogue.view            -
GET    catalogue.issuer_edit               catalogue.edit            issuer
POST   catalogue.issuer_edit               catalogue.edit            issuer
GET    catalogue.issuer_new                catalogue.edit            -
POST   catalogue.issuer_new                catalogue.edit            -
GET    catalogue.products                  catalogue.view            -
GET    catalogue.product                   catalogue.view            product
GET    catalogue.product_edit              catalogue.edit            product
POST   catalogue.product_edit              catalogue.edit            product
GET    catalogue.product_new               catalogue.edit            -
POST   catalogue.product_new               catalogue.edit            -
GET    catalogue.suggest_products          catalogue.view            -
GET    catalogue_api.list_categories       catalogue.view            -
GET    catalogue_api.list_issuers          catalogue.view            -
POST   catalogue_api.create_issuer         catalogue.edit            -
GET    catalogue_api.read_issuer           catalogue.view            issuer
PATCH  catalogue_api.change_issuer         catalogue.edit            issuer
GET    catalogue_api.list_products         catalogue.view            -
POST   catalogue_api.create_product        catalogue.edit            -
GET    catalogue_api.read_product          catalogue.view            product
PATCH  catalogue_api.change_product        catalogue.edit            product
GET    credit.index                        costs.view                -
GET    credit.account                      costs.view                account
GET    credit.debit                        credit.debit              account     +costs.view
POST   credit.debit                        credit.debit              account     +costs.view
GET    credit.grant                        credit.grant              account     +costs.view
POST   credit.grant                        credit.grant              account     +costs.view
GET    credit.lots                         costs.view                account
GET    credit.movement                     costs.view                debit
GET    credit.reverse                      credit.reverse            debit       +costs.view
POST   credit.reverse                      credit.reverse            debit       +costs.view
GET    credit.types                        credit.grant              -           hq
POST   credit.types                        credit.grant              -           hq
GET    credit_api.list_credit_types        costs.view                -
POST   credit_api.create_credit_type       credit.grant              -           hq
GET    credit_api.read_account             costs.view                account
POST   credit_api.debit_credit             credit.debit              account     +costs.view
GET    credit_api.read_statement           costs.view                account
POST   credit_api.grant_credit             credit.grant              account     +costs.view
GET    credit_api.list_lots                costs.view                account
POST   credit_api.reverse_transaction      credit.reverse            debit       +costs.view
GET    finder.search                       signed_in                 -
GET    health_live                         public                    -
GET    health_ready                        public                    -
GET    scheduler_health.at_work            public                    -
GET    home.index                          signed_in                 -
GET    mail.index                          operations.view           -
GET    mail.show                           operations.view           mail
POST   mail.send_again                     operations.retry          mail
GET    mail_api.list_mails                 operations.view           -
GET    metrics                             public                    -
GET    openapi.docs                        public                    -
GET    openapi.document                    public                    -
GET    orders.index                        orders.view               -
GET    orders.show                         orders.view               order
POST   orders.cancel_one                   orders.cancel             order
POST   orders.fulfill_one                  orders.fulfill            order
POST   orders.place                        orders.place              draft
GET    orders.correct                      orders.edit_sale          order
POST   orders.correct                      orders.edit_sale          order
GET    orders.new                          orders.place              -
POST   orders.new_create                   orders.place              -
POST   orders.new_preview                  orders.place              -
GET    orders.products                     orders.place              -
GET    orders.service_points               orders.place              -
GET    orders_api.list_orders              orders.view               -
POST   orders_api.place                    orders.place              -
GET    orders_api.read_order               orders.view               order
PATCH  orders_api.correct                  orders.edit_sale          order
POST   orders_api.cancel_one               orders.cancel             order
POST   orders_api.fulfill_one              orders.fulfill            order
POST   orders_api.place_one                orders.place              draft
POST   orders_api.create_quote             orders.place              -
GET    partners.policies                   policies.edit             -
GET    partners.policy_edit                policies.edit             policy
POST   partners.policy_edit                policies.edit             policy
GET    partners.policy_new                 policies.edit             -
POST   partners.policy_new                 policies.edit             -
GET    partners.index                      partners.view             -
GET    partners.show                       partners.view             point
GET    partners.edit                       partners.edit             point
POST   partners.edit                       partners.edit             point
GET    partners.history                    partners.view             point       +audit.view
GET    partners.new                        partners.edit             -           hq
POST   partners.new                        partners.edit             -           hq
GET    partners.suggest                    partners.view             -
GET    partners_api.list_credit_policies   costs.view                -
POST   partners_api.create_credit_policy   policies.edit             -
GET    partners_api.read_credit_policy     costs.view                policy
PATCH  partners_api.change_credit_policy   policies.edit             policy
GET    partners_api.list_service_points    partners.view             -
POST   partners_api.create_service_point   partners.edit             -           hq
GET    partners_api.read_service_point     partners.view             point
PATCH  partners_api.change_service_point   partners.edit             point
GET    payments.index                      payments.view             -
GET    payments.show                       payments.view             charge
GET    payments.refund                     payments.refund           charge
POST   payments.refund                     payments.refund           charge
POST   payments.confirm                    payments.confirm          charge
POST   payments.confirm_refund             payments.confirm          refund
GET    payments.notices                    payments.view             -
GET    payments.pix                        payments.settings         -           hq
POST   payments.pix                        payments.settings         -           hq
POST   payments.pix_remove                 payments.settings         -           hq
GET    payments.point_pix                  payments.settings         point
POST   payments.point_pix                  payments.settings         point
POST   payments.point_pix_remove           payments.settings         point
GET    payments.simulation                 public                    secret
POST   payments.simulation                 public                    secret
GET    payments_api.list_charges           payments.view             -
GET    payments_api.read_charge            payments.view             charge
POST   payments_api.confirm_charge         payments.confirm          charge
POST   payments_api.confirm_refund         payments.confirm          refund
POST   payments_api.take_notification      public                    firm        signed
GET    payments_api.read_own_pix_account   payments.view             -           hq
PUT    payments_api.set_own_pix_account    payments.settings         -           hq
GET    payments_api.read_pix_account       payments.view             point
PUT    payments_api.set_pix_account        payments.settings         point
GET    people.account                      signed_in                 -
POST   people.account                      signed_in                 -
GET    people.password                     signed_in                 -
POST   people.password                     signed_in                 -
GET    people.sessions                     signed_in                 -
POST   people.end                          signed_in                 session
POST   people.end_others                   signed_in                 -
GET    people.tokens                       signed_in                 -
POST   people.tokens                       signed_in                 -
POST   people.revoke                       signed_in                 token
GET    people.profiles                     profiles.edit             -
GET    people.profile_edit                 profiles.edit             profile
POST   people.profile_edit                 profiles.edit             profile
GET    people.profile_new                  profiles.edit             -
POST   people.profile_new                  profiles.edit             -
GET    people.sign_in                      public                    -
POST   people.sign_in                      public                    -
POST   people.sign_out                     signed_in                 -
GET    people.users                        users.view                -
GET    people.user_edit                    users.view                user
POST   people.user_edit                    users.view                user        +users.edit
POST   people.user_disable                 users.edit                user
POST   people.user_enable                  users.edit                user
POST   people.user_password                users.edit                user
GET    people.user_new                     users.edit                -
POST   people.user_new                     users.edit                -
GET    people_api.me                       signed_in                 -
GET    people_api.profiles                 users.view                -
GET    people_api.list_tokens              signed_in                 -
POST   people_api.make_token               signed_in                 -
DELETE people_api.drop_token               signed_in                 token
GET    people_api.list_users               users.view                -
POST   people_api.create                   users.edit                -
GET    people_api.show                     users.view                user
PATCH  people_api.change                   users.edit                user
GET    price_imports.show                  prices.edit               import      hq
GET    price_imports.errors                prices.edit               import      hq
GET    price_imports.progress              prices.edit               import      hq
GET    price_imports.reading               prices.edit               import      hq
POST   price_imports.reading               prices.edit               import      hq
POST   price_imports.restart               prices.edit               import      hq
POST   price_imports.store                 prices.edit               import      hq
GET    price_imports.new                   prices.edit               table       hq
POST   price_imports.new                   prices.edit               table       hq
GET    price_imports.template              prices.edit               table       hq
POST   price_imports_api.import_edition    prices.edit               table       hq
GET    pricing.index                       prices.view               -
GET    pricing.table                       prices.view               table
GET    pricing.edit                        prices.edit               table
POST   pricing.edit                        prices.edit               table
GET    pricing.edition                     prices.edit               edition
POST   pricing.edition                     prices.edit               edition
GET    pricing.compare                     prices.view               edition     hq
GET    pricing.edition_copy                prices.edit               edition
POST   pricing.edition_copy                prices.edit               edition
POST   pricing.edition_delete              prices.edit               edition     hq
GET    pricing.edition_end                 prices.publish            edition
POST   pricing.edition_end                 prices.publish            edition
GET    pricing.edition_as_file             prices.view               edition
GET    pricing.publish                     prices.publish            edition
POST   pricing.publish                     prices.publish            edition
GET    pricing.edition_new                 prices.edit               table
POST   pricing.edition_new                 prices.edit               table
GET    pricing.new                         prices.edit               -
POST   pricing.new                         prices.edit               -
GET    pricing.point_prices                costs.view                point
GET    pricing.point_prices_edit           assignments.edit          point       hq
POST   pricing.point_prices_edit           assignments.edit          point       hq
GET    pricing.why                         costs.view                -
GET    pricing_api.list_tables             prices.view               -
POST   pricing_api.create_table            prices.edit               -           hq
GET    pricing_api.read_table              prices.view               table
PATCH  pricing_api.change_table            prices.edit               table       hq
GET    pricing_api.list_editions           prices.view               table
POST   pricing_api.create_edition          prices.edit               table       hq
DELETE pricing_api.delete_edition          prices.edit               edition     hq
GET    pricing_api.read_edition            prices.view               edition
PATCH  pricing_api.change_edition          prices.edit               edition     hq
POST   pricing_api.publish_edition         prices.publish            edition     hq
GET    pricing_api.read_assignments        prices.view               point
PUT    pricing_api.replace_assignments     assignments.edit          point       hq
GET    sale_tables.index                   sale_prices.view          -
GET    sale_tables.point_tables            sale_prices.view          point
GET    sale_tables.table                   sale_prices.view          sale_table
GET    sale_tables.edit                    sale_prices.edit          sale_table
POST   sale_tables.edit                    sale_prices.edit          sale_table
GET    sale_tables.new                     sale_prices.edit          -
POST   sale_tables.new                     sale_prices.edit          -
GET    sale_tables.edition_new             sale_prices.edit          sale_table
POST   sale_tables.edition_new             sale_prices.edit          sale_table
GET    sale_tables.edition                 sale_prices.edit          sale_edition
POST   sale_tables.edition                 sale_prices.edit          sale_edition
POST   sale_tables.edition_delete          sale_prices.edit          sale_edition
GET    sale_tables.edition_fill            sale_prices.edit          sale_draft
POST   sale_tables.edition_fill            sale_prices.edit          sale_draft
GET    sale_tables.edition_copy            sale_prices.edit          sale_edition
POST   sale_tables.edition_copy            sale_prices.edit          sale_edition
GET    sale_tables.edition_end             sale_prices.publish       sale_edition
POST   sale_tables.edition_end             sale_prices.publish       sale_edition
GET    sale_tables.publish                 sale_prices.publish       sale_draft
POST   sale_tables.publish                 sale_prices.publish       sale_draft
GET    sale_tables.compare                 sale_prices.view          sale_edition
GET    sale_tables.edition_as_file         sale_prices.view          sale_edition
GET    sale_tables.fallen                  costs.view                edition       +sale_prices.view
GET    sale_imports.show                   sale_prices.edit          sale_import
GET    sale_imports.errors                 sale_prices.edit          sale_import
GET    sale_imports.progress               sale_prices.edit          sale_import
GET    sale_imports.reading                sale_prices.edit          sale_import
POST   sale_imports.reading                sale_prices.edit          sale_import
POST   sale_imports.restart                sale_prices.edit          sale_import
POST   sale_imports.store                  sale_prices.edit          sale_import
GET    sale_imports.new                    sale_prices.edit          sale_table
POST   sale_imports.new                    sale_prices.edit          sale_table
GET    sale_imports.template               sale_prices.edit          sale_table
GET    sale_tables.below                   costs.view                sale_edition  +sale_prices.view
POST   sale_tables.below_confirm   orders.sell_below_acquisition sale_edition +sale_prices.publish
GET    sale_tables_api.list_sale_tables    sale_prices.view          -
POST   sale_tables_api.create_sale_table   sale_prices.edit          -
GET    sale_tables_api.read_sale_table     sale_prices.view          sale_table
PATCH  sale_tables_api.change_sale_table   sale_prices.edit          sale_table
GET    sale_tables_api.list_sale_editions  sale_prices.view          sale_table
POST   sale_tables_api.create_sale_edition sale_prices.edit          sale_table
POST   sale_tables_api.import_sale_edition sale_prices.edit          sale_table
GET    sale_tables_api.read_sale_edition   sale_prices.view          sale_edition
PATCH  sale_tables_api.change_sale_edition sale_prices.edit          sale_edition
DELETE sale_tables_api.delete_sale_edition sale_prices.edit          sale_edition
POST   sale_tables_api.publish_sale_edition sale_prices.publish      sale_draft
POST   sale_tables_api.copy_sale_edition   sale_prices.edit          sale_edition
POST   sale_tables_api.fill_sale_edition   sale_prices.edit          sale_draft
POST   sale_tables_api.confirm_below sale_prices.publish sale_edition +orders.sell_below_acquisition
GET    sale_tables_api.list_rows_below     costs.view                sale_edition  +sale_prices.view
GET    sale_tables_api.list_fallen_rows    costs.view                edition       +sale_prices.view
GET    shop.about                          public                    shop_text
GET    shop.cart                           public                    shop
POST   shop.change_cart                    public                    shop
GET    shop.catalogue                      public                    shop
GET    shop.checkout                       public                    shop
GET    shop.colours                        public                    shop_colour
GET    shop.logo                           public                    shop_logo
GET    shop.mine                           public                    shop
POST   shop.order                          public                    shop
POST   shop.order_again                    public                    shop_order
GET    shop.order_state                    public                    shop_order
GET    shop.product                        public                    shop_product
GET    shop.robots                         public                    -
GET    shop.seen_order                     public                    shop_order
POST   shop.send_mine                      public                    shop
GET    shop.sitemap                        public                    shop
GET    shop.sitemaps                       public                    -
GET    scheduler.index                     operations.view           -           hq
GET    scheduler.runs                      operations.view           -           hq
POST   scheduler.run_now                   operations.retry          job         hq
GET    scheduler_api.read_jobs             operations.view           -           hq
GET    storefronts.index                   shop.edit                 -
GET    storefronts.show                    shop.edit                 point
POST   storefronts.opening                 shop.edit                 point
GET    storefronts.edit                    shop.edit                 point
POST   storefronts.edit                    shop.edit                 point
POST   storefronts.preview                 shop.edit                 point
POST   storefronts.logo                    shop.edit                 point
GET    storefronts.logo_file               shop.edit                 point
GET    storefronts.address                 shop.edit                 point
POST   storefronts.address                 shop.edit                 point
GET    storefronts.poster                  shop.edit                 point
GET    storefronts.products                shop.edit                 point
GET    storefronts.product_text            shop.edit                 shop_words
POST   storefronts.product_text            shop.edit                 shop_words
GET    static                              public                    static
"""


@dataclass(frozen=True)
class Route:
    """A line of the table."""

    method: str
    endpoint: str
    permission: str
    kind: str
    conditions: frozenset[str]

    @property
    def permissions(self) -> list[str]:
        """Return all that it asks for."""
        more = [one[1:] for one in self.conditions if one.startswith("+")]
        return [self.permission, *more]

    @property
    def name(self) -> str:
        """How it is called in tests and in SENT."""
        return f"{self.method} {self.endpoint}"


def _read(table: str) -> dict[tuple[str, str], Route]:
    found = {}
    for line in table.strip().splitlines():
        method, endpoint, permission, kind, *conditions = line.split()
        found[method, endpoint] = Route(method, endpoint, permission, kind, frozenset(conditions))
    return found


ROUTES = _read(TABLE)
